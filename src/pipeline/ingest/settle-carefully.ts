/**
 * Settles records that may meet something that is stored: the hashes and the table are asked before anything is
 * written. A record that is refused holds neither its hash nor its unique values.
 */
import { HASH_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Reason } from '../../cluster/validation/check-object.js'
import { selectIn } from '../bulk/bulk-sql.js'
import { judgeAgainstTable, type Verdict } from '../bulk/judge-table.js'
import type { WritePlan } from '../bulk/messages.js'
import type { PreparedRecord } from './chunk-reader.js'
import type { IngestReason } from './ingest-reason.js'
import type { PartContext, Settled } from './part-context.js'
import { hashRows } from './part-rows.js'
import { insertRows, type RowInsert } from './row-insert.js'
import { suggestedFix } from './suggested-fix.js'

/** A record that is equal to an earlier one of its chunk. */
interface Twin {
  readonly record: PreparedRecord
  readonly first: PreparedRecord
}

/** Settles records within a transaction, those that are accepted with their rows and hashes. */
export async function settleCarefully(
  context: PartContext,
  candidates: readonly PreparedRecord[],
): Promise<readonly Settled[]> {
  const { connection } = context
  await connection.execute('SAVEPOINT shardyard_careful')
  const { fresh, known, twins } = await splitByHash(context, candidates)
  const firsts = await settleFresh(context, fresh)
  if (await isOvertaken(context, firsts)) {
    await connection.execute('ROLLBACK TO SAVEPOINT shardyard_careful')
    return settleCarefully(context, candidates)
  }
  const accepted = firsts.filter(({ outcome }) => outcome === 'accepted').map(({ record }) => record)
  await connection.insert(hashRows(context, accepted))
  return [...known, ...firsts, ...settledTwins(twins, firsts)]
}

/**
 * Judges records by the table and stores those that may be. A row that the database refuses holds no value, so the
 * others are judged again without it: one of them may have lost against it.
 */
async function settleFresh(context: PartContext, fresh: readonly PreparedRecord[]): Promise<Settled[]> {
  const plan = requirePlan(context)
  const refused: Settled[] = []
  for (let open = fresh; ; ) {
    await context.connection.execute('SAVEPOINT shardyard_fresh')
    const verdicts = await judgeAgainstTable({ ...context, plan }, open, { isKeyed: context.dedupe === 'key' })
    const accepted = verdicts.filter(({ outcome }) => outcome === 'accepted').map(({ record }) => record)
    const others = verdicts.filter(({ outcome }) => outcome !== 'accepted').map(settledBy)
    const inserted = await insertRows(context, accepted)
    const stored = settledOf(accepted, inserted)
    if (inserted.refusals.size === 0 || others.length === 0) return [...refused, ...others, ...stored]
    await context.connection.execute('ROLLBACK TO SAVEPOINT shardyard_fresh')
    const out = stored.filter(({ outcome }) => outcome !== 'accepted')
    refused.push(...out)
    const records = new Set(out.map(({ record }) => record))
    open = open.filter((record) => !records.has(record))
  }
}

/** A record that is equal to one that was stored is a duplicate; one that is equal to a refused one is refused as well. */
function settledTwins(twins: readonly Twin[], firsts: readonly Settled[]): Settled[] {
  const byRecord = new Map(firsts.map((settled) => [settled.record, settled]))
  return twins.flatMap(({ record, first }) => {
    const settled = byRecord.get(first)
    if (settled === undefined) return []
    if (settled.outcome !== 'accepted') return { ...settled, record }
    return { record, outcome: 'duplicate', rowId: undefined, reasons: [] }
  })
}

function settledOf(candidates: readonly PreparedRecord[], { ids, refusals }: RowInsert): Settled[] {
  return candidates.map((record, index) => {
    const refusal = refusals.get(index)
    if (refusal === undefined) return { record, outcome: 'accepted', rowId: ids[index], reasons: [] }
    return { record, outcome: 'rejected', rowId: undefined, reasons: [located(record, refusal)] }
  })
}

function settledBy({ record, outcome, rowId, reasons }: Verdict<PreparedRecord>): Settled {
  return { record, outcome, rowId, reasons: reasons.map((reason) => located(record, reason)) }
}

/** A reason of the table with its place in the record. */
function located({ pointers }: PreparedRecord, { code, field, message }: Reason): IngestReason {
  return { code, field, pointer: pointers.get(field) ?? '', message, fix: suggestedFix(code) }
}

/** Records that a stored hash tells to be known, those that are equal to an earlier one of the chunk, and the others. */
async function splitByHash(
  context: PartContext,
  candidates: readonly PreparedRecord[],
): Promise<{ fresh: readonly PreparedRecord[]; known: Settled[]; twins: Twin[] }> {
  if (context.dedupe === 'key') return { fresh: candidates, known: [], twins: [] }
  const stored = await storedHashes(context, candidates)
  const firsts = new Map<string, PreparedRecord>()
  const [fresh, known, twins]: [PreparedRecord[], Settled[], Twin[]] = [[], [], []]
  for (const record of candidates) {
    const key = hashText(record)
    const first = firsts.get(key)
    if (stored.has(key)) known.push({ record, outcome: 'duplicate', rowId: undefined, reasons: [] })
    else if (first !== undefined) twins.push({ record, first })
    else {
      firsts.set(key, record)
      fresh.push(record)
    }
  }
  return { fresh, known, twins }
}

/**
 * Whether another writer has stored a record that the table refused: after the hashes were asked, and before the table
 * was. Then the row that holds its value is its own, and the next look at the hashes tells so.
 */
async function isOvertaken(context: PartContext, settled: readonly Settled[]): Promise<boolean> {
  const refused = settled.filter(({ outcome }) => outcome === 'rejected').map(({ record }) => record)
  if (context.dedupe === 'key' || refused.length === 0) return false
  const stored = await storedHashes(context, refused)
  return refused.some((record) => stored.has(hashText(record)))
}

/** Those of the records' hashes that are stored, as text. */
async function storedHashes(context: PartContext, records: readonly PreparedRecord[]): Promise<Set<string>> {
  const hash1s = records.map(({ hash }) => hash?.[0])
  const rows = await selectIn(context, HASH_TABLE, ['hash1', 'hash2'], 'hash1', hash1s)
  return new Set(rows.map((row) => `${String(row['hash1'])} ${String(row['hash2'])}`))
}

function hashText({ hash }: PreparedRecord): string {
  return hash?.join(' ') ?? ''
}

function requirePlan({ plan }: PartContext): WritePlan {
  if (plan === undefined) throw new Error('Rows were routed to a database without a table for them.')
  return plan
}
