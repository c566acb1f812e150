import { Cluster, defineCluster, migrate, type ClusterDefinition } from 'shardyard'
import { definition } from 'shardyard/config'
import { removeAtEnd } from '../../helpers/cleanup'
import type { TestEngine } from '../../helpers/engines'

/** The shipped cluster in fresh databases with their tables; closed after the test, or after those that share it. */
export async function openShipped(engine: TestEngine, label: string): Promise<Cluster> {
  const names = Object.keys(definition.databases)
  const made = await Promise.all(
    names.map(async (name) => [name, (await engine.createDatabase(`${label} ${name}`)).url] as const),
  )
  const shipped = definition as ClusterDefinition
  const cluster = await Cluster.open(defineCluster({ ...shipped, databases: Object.fromEntries(made) }))
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return cluster
}
