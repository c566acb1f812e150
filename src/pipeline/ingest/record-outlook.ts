/** What would become of a record that is given now. Nothing is written. */
import { HASH_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { Row } from '../../drivers/driver.js'
import { NO_CARE } from '../bulk/messages.js'
import { ChunkReader } from './chunk-reader.js'
import { entityIn } from './ingest.js'
import { resolveIngestOptions } from './ingest-options.js'
import type { IngestReason } from './ingest-reason.js'
import { messagePlan } from './message-intake.js'
import { MESSAGE_SHAPE } from './planned-file.js'
import type { RecordIntakeOptions } from './record-intake.js'

/** As far as it can be told without writing: a unique value that is taken shows only when the record is stored. */
export type RecordOutlook =
  | { readonly outcome: 'accepted' | 'duplicate' }
  | { readonly outcome: 'rejected'; readonly reasons: readonly IngestReason[] }

/**
 * Tells what a `RecordIntake` with the same options would make of the text of one JSON object.
 *
 * @throws SY_OPTION_INVALID, SY_ENTITY_UNKNOWN; SY_DATABASE_DOWN
 * @example
 * const { outcome } = await recordOutlook(cluster, '{"source":"client A"}', { into: Event })
 */
export async function recordOutlook(
  cluster: Cluster,
  text: string,
  options: Pick<RecordIntakeOptions, 'into' | 'map' | 'zone' | 'dedupe'>,
): Promise<RecordOutlook> {
  const resolved = resolveIngestOptions(options)
  const plan = messagePlan(cluster, resolved, { topic: '', group: '' })
  const raw = Buffer.from(text)
  const chunk = { offset: 0, length: raw.length, line: 1, records: 1 }
  const context = { shape: MESSAGE_SHAPE, care: NO_CARE, atWork: () => undefined }
  const [record] = await new ChunkReader(cluster, entityIn(cluster, resolved.into), plan).read(raw, chunk, context)
  if (record === undefined || record.source.kind !== 'data') return { outcome: 'rejected', reasons: [] }
  const { hash, reasons, database } = record
  if (hash !== undefined && (await isStored(cluster, plan.databases[database] ?? '', hash)))
    return { outcome: 'duplicate' }
  return reasons.length === 0 ? { outcome: 'accepted' } : { outcome: 'rejected', reasons }
}

async function isStored(cluster: Cluster, database: string, hash: readonly number[]): Promise<boolean> {
  const { dataSource, driver } = cluster.member(database)
  const { quote: q, placeholder: p } = driver.dialect
  const rows = (await dataSource.query(
    `SELECT ${q('part')} FROM ${q(HASH_TABLE)} WHERE ${q('hash1')} = ${p(1)} AND ${q('hash2')} = ${p(2)}`,
    [...hash],
  )) as Row[]
  return rows.length > 0
}
