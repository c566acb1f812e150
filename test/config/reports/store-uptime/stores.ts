import { Cluster, defineCluster, migrate, place } from 'shardyard'
import { BusinessHours, RollupMark, Store, StoreDay, StoreRollup, StoreStatus } from 'shardyard/entities'
import { storeMigrations } from 'shardyard/entities/migrations/index'
import { storeUptime } from 'shardyard/config/reports/store-uptime'
import { rollUpStores } from 'shardyard/config/reports/store-uptime/roll-up'
import type { Row, Table } from 'shardyard/src/pipeline/reports/report-model'
import { removeAtEnd } from '../../../helpers/cleanup'
import type { TestEngine } from '../../../helpers/engines'

export type StoresCluster = Cluster<'stores'>

const signal = new AbortController().signal

/** Empty tables of stores in a database of their own; closed after the test. */
export async function openStores(engine: TestEngine, label = 'stores'): Promise<StoresCluster> {
  const { url } = await engine.createDatabase(label)
  const entities = [Store, BusinessHours, StoreStatus, StoreDay, StoreRollup, RollupMark]
  const cluster = await Cluster.open(
    defineCluster({
      databases: { stores: url },
      placement: entities.map((entity) => place(entity, 'stores')),
      migrations: storeMigrations,
    }),
  )
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return cluster
}

export interface UptimeOptions {
  readonly now?: Date
  readonly weeks?: number
  readonly source?: 'auto' | 'polls' | 'roll-ups'
}

/** Makes the report, its parts one after the other and through JSON, as between threads or jobs. */
export async function uptimeReport(cluster: Cluster, options: UptimeOptions = {}) {
  const { partitions } = storeUptime
  if (partitions === undefined) throw new Error('The report has no partitions.')
  const context = { cluster, options: { source: 'auto', ...options }, signal }
  const results: unknown[] = []
  for (const part of await partitions.split(context)) {
    results.push(JSON.parse(JSON.stringify(await partitions.compute(context, JSON.parse(JSON.stringify(part))))))
  }
  return storeUptime.run(context, results)
}

type Model = Awaited<ReturnType<typeof uptimeReport>>

export function tableOf(model: Model, name: string): readonly Row[] {
  const table = model.blocks.find((block): block is Table => block.block === 'table' && block.name === name)
  return [...((table?.rows ?? []) as Iterable<Row>)]
}

export const textsOf = (model: Model) => model.blocks.flatMap((block) => (block.block === 'text' ? [block.text] : []))

export const rollUp = (cluster: Cluster, isAnew = false) =>
  rollUpStores({ cluster, isAnew, signal, onProgress: () => undefined })
