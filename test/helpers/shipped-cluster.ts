import { Cluster, defineCluster, migrate } from 'shardyard'
import { definition } from 'shardyard/config'
import { removeAtEnd } from './cleanup'
import { tempFolder } from './temp'

/** Which databases are other ones. */
interface Shipped {
  /** Names of those whose tables are made. @defaultValue all */
  readonly migrated?: readonly string[]
  /** By name; the others are SQLite files. */
  readonly urls?: Readonly<Record<string, string>>
}

/** The shipped entities, reports and routes on empty, migrated SQLite files of their own; closed at the end. */
export async function openShippedCluster(
  changes: Partial<Parameters<typeof defineCluster>[0]> = {},
  { migrated, urls = {} }: Shipped = {},
): Promise<{ readonly cluster: Cluster; readonly folder: string }> {
  const folder = await tempFolder('shipped')
  const names = Object.keys(definition.databases)
  const databases = Object.fromEntries(names.map((name) => [name, urls[name] ?? `sqlite:${folder}/${name}.db`]))
  const { kind: _kind, control, ...rest } = definition
  const cluster = await Cluster.open(
    defineCluster<string>({ ...rest, ...(control === undefined ? {} : { control }), databases, ...changes } as never),
  )
  removeAtEnd(() => cluster.close())
  await migrate(cluster, migrated === undefined ? {} : { databases: migrated })
  return { cluster, folder }
}
