import { Cluster, defineCluster, migrate } from 'shardyard'
import { definition } from 'shardyard/config'
import { removeAtEnd } from './cleanup'
import { tempFolder } from './temp'

/** The shipped entities, reports and routes on empty SQLite files of their own, migrated, or some of them; closed at the end. */
export async function openShippedCluster(
  changes: Partial<Parameters<typeof defineCluster>[0]> = {},
  migrated?: readonly string[],
): Promise<{ readonly cluster: Cluster; readonly folder: string }> {
  const folder = await tempFolder('shipped')
  const names = Object.keys(definition.databases)
  const databases = Object.fromEntries(names.map((name) => [name, `sqlite:${folder}/${name}.db`]))
  const { kind: _kind, control, ...rest } = definition
  const cluster = await Cluster.open(
    defineCluster<string>({ ...rest, ...(control === undefined ? {} : { control }), databases, ...changes } as never),
  )
  removeAtEnd(() => cluster.close())
  await migrate(cluster, migrated === undefined ? {} : { databases: migrated })
  return { cluster, folder }
}
