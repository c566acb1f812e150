import { Cluster, defineCluster, migrate, type ClusterDefinition } from 'shardyard'
import { definition } from 'shardyard/config'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'

/**
 * The shipped cluster in fresh databases with their tables; closed after the test, or after those that share it. Only
 * the databases that are named live on the engine, the others on SQLite, which is made faster.
 */
export async function openShipped(engine: TestEngine, label: string, own: readonly string[]): Promise<Cluster> {
  const [sqlite = engine] = ENGINES
  const names = Object.keys(definition.databases)
  const made = await Promise.all(
    names.map(async (name) => {
      const { url } = await (own.includes(name) ? engine : sqlite).createDatabase(`${label} ${name}`)
      return [name, url] as const
    }),
  )
  const shipped = definition as ClusterDefinition
  const cluster = await Cluster.open(defineCluster({ ...shipped, databases: Object.fromEntries(made) }))
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return cluster
}
