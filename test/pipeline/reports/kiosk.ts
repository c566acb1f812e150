import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cluster, type ClusterDefinition, migrate, type ReportRequest, type ReportResult, writeReport } from 'shardyard'
import { User } from 'shardyard/entities'
import type { ReportModel, Row, Table } from 'shardyard/src/pipeline/reports/report-model'
import type { ReportWriter, WriterOptions } from 'shardyard/src/pipeline/reports/writers/report-writer'
import { removeAtEnd } from '../../helpers/cleanup'
import { tempFolder } from '../../helpers/temp'

const FIXTURE = join(__dirname, '../../fixtures/reports/kiosk.cjs')
const { kiosk, AS_OF } = require(FIXTURE) as { kiosk: (url: string) => ClusterDefinition; AS_OF: Date }
export const { HOSTILE } = require('../../fixtures/reports/hostile.cjs') as { HOSTILE: readonly string[] }

/** The fixture's cluster on a database of its own, without tables. */
export interface Kiosk {
  readonly folder: string
  /** The config file of the cluster, for threads and commands. */
  readonly config: string
  readonly cluster: Cluster
  /** Writes a report to `out.FORMAT` in the folder. */
  write(report: string, more?: Partial<ReportRequest>): Promise<ReportResult & { readonly bytes: Buffer }>
}

export async function openKiosk(): Promise<Kiosk> {
  const folder = await tempFolder('kiosk')
  const url = `sqlite:${join(folder, 'shop.db')}`
  const config = join(folder, 'config.cjs')
  await writeFile(config, `module.exports = require(${JSON.stringify(FIXTURE)}).kiosk(${JSON.stringify(url)})\n`)
  const cluster = await Cluster.open(kiosk(url))
  removeAtEnd(() => cluster.close())
  const write: Kiosk['write'] = async (report, more = {}) => {
    const { format = 'csv' } = more
    const file = join(folder, `out.${format}`)
    const result = await writeReport(cluster, { report, format, output: file, ...more })
    return { ...result, bytes: await readFile(file) }
  }
  return { folder, config, cluster, write }
}

/** Makes the tables, and three users. */
export async function fillKiosk({ cluster }: Kiosk): Promise<void> {
  await migrate(cluster)
  await cluster.repository(User).save(['ada', 'bob', 'eve'].map((name) => ({ name, email: `${name}@example.com` })))
}

/** A model with one table. */
export function modelOf(columns: Table['columns'], rows: Iterable<Row> | AsyncIterable<Row>): ReportModel {
  return { title: 'Test', asOf: AS_OF, blocks: [{ block: 'table', name: 'main', title: 'Main', columns, rows }] }
}

/** What a writer makes of a model. */
export async function written(
  writer: ReportWriter,
  model: ReportModel,
  more: Partial<WriterOptions> = {},
): Promise<Buffer> {
  const pieces: Buffer[] = []
  const sink = {
    isWaiting: false,
    take: (bytes: Uint8Array) => void pieces.push(Buffer.from(bytes)),
    flush: async () => undefined,
  }
  const options = { isRaw: false, table: undefined, template: undefined, signal: new AbortController().signal }
  await writer.write(model, sink, { ...options, onRows: () => undefined, ...more })
  return Buffer.concat(pieces)
}
