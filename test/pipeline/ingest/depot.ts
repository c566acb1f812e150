import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cluster, migrate, type ClusterDefinition } from 'shardyard'
import type { IngestAccount } from 'shardyard/src/pipeline/ingest/ingest-account'
import { ingest } from 'shardyard/src/pipeline/ingest/ingest'
import type { IngestOptions, IngestSource } from 'shardyard/src/pipeline/ingest/ingest-options'
import { ask, type Row } from '../../commands/shop'
import { removeAtEnd } from '../../helpers/cleanup'
import type { TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'

/** The cluster of the fixture, as plain JavaScript that threads import. */
export const DEPOT_FILE = join(__dirname, '../../fixtures/ingest/depot.cjs')
const { depot } = require(DEPOT_FILE) as {
  depot: (given: { urls: Readonly<Record<string, string>>; control?: string }) => ClusterDefinition
}

/** Fresh databases with the tables of the fixture's entities. */
export interface Depot {
  readonly engine: TestEngine
  readonly folder: string
  readonly urls: Readonly<Record<string, string>>
  readonly control: string
  /** The config file of the cluster, for threads and commands. */
  readonly config: string
}

export interface DepotOptions {
  /** @defaultValue north and control; with `south` a router shares rows out */
  readonly databases?: readonly string[]
  readonly control?: string
}

export async function makeDepot(engine: TestEngine, label: string, options: DepotOptions = {}): Promise<Depot> {
  const { databases = ['north', 'control'], control = 'control' } = options
  const made = await Promise.all(
    databases.map(async (name) => [name, (await engine.createDatabase(`${label} ${name}`)).url] as const),
  )
  const urls = Object.fromEntries(made)
  const folder = await tempFolder('depot')
  const config = join(folder, 'config.cjs')
  const given = JSON.stringify({ urls, control })
  await writeFile(config, `module.exports = require(${JSON.stringify(DEPOT_FILE)}).depot(${given})\n`)
  return { engine, folder, urls, control, config }
}

/** Opens the depot and makes its tables; closed after the test. */
export async function openDepot(own: Depot): Promise<Cluster> {
  const cluster = await Cluster.open(depot(own))
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return cluster
}

/** A depot that is open. */
export interface OpenDepot extends Depot {
  readonly cluster: Cluster
  /** Writes a file into the depot's folder; answers its path. */
  write(name: string, content: string | Buffer): Promise<string>
  /** Ingests items, by this thread alone unless `threads` are given. */
  ingest(sources: readonly IngestSource[], options?: Partial<IngestOptions>): Promise<IngestAccount>
  /** Asks one of its databases through the bare driver. */
  ask(database: string, sql: string): Promise<Row[]>
}

export async function freshDepot(engine: TestEngine, label: string, options: DepotOptions = {}): Promise<OpenDepot> {
  const own = await makeDepot(engine, label, options)
  const cluster = await openDepot(own)
  return {
    ...own,
    cluster,
    async write(name, content) {
      const file = join(own.folder, name)
      await writeFile(file, content)
      return file
    },
    ingest: (sources, given = {}) =>
      ingest(cluster, sources, {
        into: 'Item',
        waitMs: 5_000,
        ...(given.threads === undefined ? {} : { config: own.config }),
        ...given,
      }),
    ask: (database, sql) => ask(engine, own.urls[database] ?? '', sql),
  }
}
