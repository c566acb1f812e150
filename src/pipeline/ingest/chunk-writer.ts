/**
 * Writes the part of a chunk that goes to one database: rows, hashes, ledger lines and the part's progress, in one
 * transaction.
 *
 * 1. The transaction begins by locking the part's row; when that is past the chunk, the chunk is settled and nothing is
 *    written. So a chunk that is read twice, by whomever, is stored once.
 * 2. A stored row beats every record, an earlier record a later one.
 * 3. Most chunks meet nothing that is stored, so they are written at once, and only when that fails are the table and
 *    the hashes asked first.
 * 4. What becomes of a record does not depend on which others share its chunk: a record that is refused holds neither
 *    its hash nor its unique values.
 */
import { HASH_TABLE, LINE_TABLE, PART_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Reason } from '../../cluster/validation/check-object.js'
import type { Connection, Dialect } from '../../drivers/driver.js'
import { selectIn } from '../bulk/bulk-sql.js'
import { judgeAgainstTable, type Verdict } from '../bulk/judge-table.js'
import type { WritePlan } from '../bulk/messages.js'
import type { PreparedRecord } from './chunk-reader.js'
import type { Dedupe, LedgerMode } from './ingest-plan.js'
import type { IngestReason } from './ingest-reason.js'
import { suggestedFix } from './suggested-fix.js'
import { insertRows, type RowInsert } from './row-insert.js'

/** What a part is written with. */
export interface PartContext {
  readonly connection: Connection
  readonly dialect: Dialect
  /** The table, undefined where only lines are written. */
  readonly plan: WritePlan | undefined
  readonly dedupe: Dedupe
  readonly ledger: LedgerMode
  /** Number of the part in its database. */
  readonly part: number
  /** What an error of the database says about a row; undefined when the row is not to blame. */
  readonly refusalOf: (error: unknown) => IngestReason | undefined
  /** True for the error of a value that another row has. */
  readonly isUnique: (error: unknown) => boolean
  /** Named points at which tests fail on purpose. */
  readonly fault: (point: string) => void
}

/** The part of a chunk for one database. */
export interface PartWork {
  /** Number of the chunk in its file; of a stream the last offset. */
  readonly number: number
  /** True for streams, whose batches are not cut alike every time: records before the part's progress are left out. */
  readonly isStream: boolean
  /** For faults on purpose: which attempt at the chunk this is, from 1. */
  readonly attempt: number
  readonly records: readonly PreparedRecord[]
  /** The bytes of a record. */
  readonly rawOf: (record: PreparedRecord) => Buffer
  /** For a redriven record the reject it comes from. */
  readonly originOf: (record: PreparedRecord) => string | null
}

/** What became of a part's records. */
export interface PartCounts {
  accepted: number
  rejected: number
  duplicate: number
  blank: number
  header: number
}

/** A record with its outcome. */
interface Settled {
  readonly record: PreparedRecord
  readonly outcome: keyof PartCounts
  readonly rowId: string | undefined
  readonly reasons: readonly IngestReason[]
}

/** What became of the records of a part: those that went in at once, in their order, and all others. */
interface Settlement {
  readonly accepted: readonly PreparedRecord[]
  /** Primary keys of the accepted, as text. */
  readonly ids: readonly (string | undefined)[]
  readonly others: readonly Settled[]
}

/** A record that is equal to an earlier one of its chunk. */
interface Twin {
  readonly record: PreparedRecord
  readonly first: PreparedRecord
}

const CLASHES_MAX = 5

/** Asks what is stored before it writes, after a chunk that has met something. */
export class ChunkWriter {
  #isCareful = false
  /** How often in a row a careful attempt has met a value that was not there when it was looked for. */
  #clashes = 0

  /** Writes a part; answers what became of its records, undefined when they were settled before. */
  async write(context: PartContext, work: PartWork): Promise<PartCounts | undefined> {
    const { connection } = context
    await connection.begin()
    try {
      const counts = await this.#settle(context, work)
      context.fault('before-commit')
      await connection.commit()
      this.#clashes = 0
      context.fault('committed')
      return counts
    } catch (error) {
      if (context.isUnique(error)) this.#clashes += 1
      await connection.rollback()
      throw error
    }
  }

  async #settle(context: PartContext, work: PartWork): Promise<PartCounts | undefined> {
    const state = await lockPart(context)
    context.fault('part-locked')
    if (state.next > work.number) return undefined
    const records = work.isStream ? work.records.filter(({ position }) => position >= state.next) : work.records
    const settlement = await this.#store(context, records)
    context.fault('rows-written')
    await writeLines(context, work, settlement)
    context.fault('lines-written')
    return advancePart(context, state, { number: work.number, settlement })
  }

  async #store(context: PartContext, records: readonly PreparedRecord[]): Promise<Settlement> {
    const candidates: PreparedRecord[] = []
    const others: Settled[] = []
    for (const record of records) {
      const { source, reasons } = record
      if (source.kind !== 'data') others.push({ record, outcome: source.kind, rowId: undefined, reasons })
      else if (reasons.length > 0) others.push({ record, outcome: 'rejected', rowId: undefined, reasons })
      else candidates.push(record)
    }
    if (candidates.length === 0) return { accepted: [], ids: [], others }
    const ids = await this.#atOnce(context, candidates)
    if (ids !== undefined) return { accepted: candidates, ids, others }
    return { accepted: [], ids: [], others: [...others, ...(await this.#carefully(context, candidates))] }
  }

  /** Writes all candidates unseen; undefined when one of them meets something that is stored, or is refused. */
  async #atOnce(context: PartContext, candidates: readonly PreparedRecord[]): Promise<RowInsert['ids'] | undefined> {
    if (this.#isCareful) return undefined
    await context.connection.execute('SAVEPOINT shardyard_chunk')
    try {
      await insertHashes(context, candidates)
      const { ids, refusals } = await insertRows(context, candidates)
      if (refusals.size === 0) return ids
    } catch (error) {
      if (!context.isUnique(error)) throw error
    }
    await context.connection.execute('ROLLBACK TO SAVEPOINT shardyard_chunk')
    this.#isCareful = true
    return undefined
  }

  async #carefully(context: PartContext, candidates: readonly PreparedRecord[]): Promise<Settled[]> {
    await context.connection.execute('SAVEPOINT shardyard_careful')
    const { fresh, known, twins } = await splitByHash(context, candidates)
    // What clashes again and again is no other writer: the database takes two values for the same that differ here.
    const isUnique = this.#clashes < CLASHES_MAX ? context.isUnique : () => false
    const firsts = await settleFresh({ ...context, isUnique }, fresh)
    if (await isOvertaken(context, firsts)) {
      await context.connection.execute('ROLLBACK TO SAVEPOINT shardyard_careful')
      return this.#carefully(context, candidates)
    }
    const accepted = firsts.filter(({ outcome }) => outcome === 'accepted')
    await insertHashes(
      context,
      accepted.map(({ record }) => record),
    )
    if (accepted.length === candidates.length) this.#isCareful = false
    return [...known, ...firsts, ...settledTwins(twins, firsts)]
  }
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

interface PartState {
  readonly next: number
  readonly counts: PartCounts
  readonly codes: Record<string, number>
}

const OUTCOMES = ['accepted', 'rejected', 'duplicate', 'blank', 'header'] as const

/** Locks the part's row, so that one writer at a time is at work on the part. */
async function lockPart({ connection, dialect, part }: PartContext): Promise<PartState> {
  const { quote: q, placeholder: p, lockRows } = dialect
  const columns = ['next', ...OUTCOMES, 'codes'].map(q).join(', ')
  const sql = `SELECT ${columns} FROM ${q(PART_TABLE)} WHERE ${q('id')} = ${p(1)}${lockRows}`
  const row = (await connection.query(sql, [part]))[0]
  if (row === undefined) throw new Error(`Part ${part} is gone.`)
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, Number(row[outcome])]))
  return {
    next: Number(row['next']),
    counts: counts as unknown as PartCounts,
    codes: JSON.parse(String(row['codes'])) as Record<string, number>,
  }
}

async function advancePart(
  { connection, dialect, part }: PartContext,
  { counts, codes }: PartState,
  { number, settlement }: { readonly number: number; readonly settlement: Settlement },
): Promise<PartCounts> {
  const { accepted, others } = settlement
  const own: PartCounts = { accepted: accepted.length, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  for (const { outcome, reasons } of others) {
    own[outcome] += 1
    for (const { code, field } of reasons) codes[`${code} ${field}`] = (codes[`${code} ${field}`] ?? 0) + 1
  }
  const { quote: q, placeholder: p } = dialect
  const names = ['next', ...OUTCOMES, 'codes']
  const sets = names.map((name, index) => `${q(name)} = ${p(index + 1)}`).join(', ')
  const sums = OUTCOMES.map((outcome) => counts[outcome] + own[outcome])
  const sql = `UPDATE ${q(PART_TABLE)} SET ${sets} WHERE ${q('id')} = ${p(names.length + 1)}`
  await connection.execute(sql, [number + 1, ...sums, JSON.stringify(codes), part])
  return own
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

const HASH_COLUMNS = ['hash1', 'hash2', 'part', 'position']
/** A hash's upper half and a place in the chunk share a number without touching each other. */
const [LOWER_HALF, PLACES] = [2 ** 24, 2 ** 27]

async function insertHashes(
  { connection, dedupe, part }: PartContext,
  records: readonly PreparedRecord[],
): Promise<void> {
  if (dedupe === 'key' || records.length === 0) return
  // In the order of the index, near enough, in which each of its pages is touched once.
  const order = new Float64Array(records.length)
  for (let place = 0; place < order.length; place++) {
    order[place] = Math.floor((records[place]?.hash?.[0] ?? 0) / LOWER_HALF) * PLACES + place
  }
  order.sort()
  const values: unknown[] = []
  for (const key of order) {
    const record = records[key % PLACES]
    values.push(record?.hash?.[0], record?.hash?.[1], part, record?.position)
  }
  await connection.insert({ table: HASH_TABLE, columns: HASH_COLUMNS, values })
}

const LINE_COLUMNS = [
  'part',
  'position',
  'line',
  'length',
  'outcome',
  'hash1',
  'hash2',
  'rowId',
  'reasons',
  'changes',
  'origin',
  'raw',
]

async function writeLines(context: PartContext, work: PartWork, settlement: Settlement): Promise<void> {
  const { connection, ledger, part } = context
  const values: unknown[] = []
  for (const { record, outcome, rowId, reasons } of linesOf(ledger, settlement)) {
    const { source, hash, changes } = record
    values.push(part, source.offset, source.line, source.length, outcome, hash?.[0] ?? null, hash?.[1] ?? null)
    values.push(rowId ?? null)
    values.push(reasons.length === 0 ? null : JSON.stringify(reasons))
    values.push(changes.length === 0 ? null : JSON.stringify(changes))
    values.push(work.originOf(record), work.rawOf(record))
  }
  if (values.length > 0) await connection.insert({ table: LINE_TABLE, columns: LINE_COLUMNS, values })
}

/** The records that have lines, in the order of the source, so that the lines are appended. */
function linesOf(ledger: LedgerMode, { accepted, ids, others }: Settlement): readonly Settled[] {
  switch (ledger) {
    case 'counts':
      return []
    case 'rejects':
      return others.filter(({ outcome }) => outcome === 'rejected').toSorted(byPosition)
    case 'full': {
      const stored = accepted.map(
        (record, index): Settled => ({ record, outcome: 'accepted', rowId: ids[index], reasons: NO_REASONS }),
      )
      return others.length === 0 ? stored : [...stored, ...others].toSorted(byPosition)
    }
    default:
      return ledger satisfies never
  }
}

const NO_REASONS: readonly never[] = Object.freeze([])

function byPosition(a: Settled, b: Settled): number {
  return a.record.position - b.record.position
}

function requirePlan({ plan }: PartContext): WritePlan {
  if (plan === undefined) throw new Error('Rows were routed to a database without a table for them.')
  return plan
}
