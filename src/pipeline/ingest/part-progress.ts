/** How far a part is, and its counts, in one row that is committed with the records. */
import { PART_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Row } from '../../drivers/driver.js'
import { OUTCOMES, type PartContext, type PartCounts, type Settlement } from './part-context.js'

/** How far a part is. */
export interface Progress {
  /** The number of its next chunk; of a stream the next position. */
  readonly next: number
  /** Records before this position are settled, whatever chunk they are of. */
  readonly settledTo: number
  /** The whole row, when it is locked. */
  readonly locked: Row | undefined
}

const COLUMNS = ['next', 'settledTo', ...OUTCOMES, 'codes']

/** How far the part is; with `isLocked` nobody else moves it before this transaction ends. */
export async function progressOf(
  context: PartContext,
  { isLocked }: { readonly isLocked: boolean },
): Promise<Progress> {
  const row = await partRow(context, isLocked ? COLUMNS : COLUMNS.slice(0, 2), isLocked)
  return { next: Number(row['next']), settledTo: Number(row['settledTo']), locked: isLocked ? row : undefined }
}

async function partRow(
  { connection, dialect, part }: PartContext,
  columns: readonly string[],
  isLocked: boolean,
): Promise<Row> {
  const { quote: q, placeholder: p, lockRows } = dialect
  const sql = `SELECT ${columns.map(q).join(', ')} FROM ${q(PART_TABLE)} WHERE ${q('id')} = ${p(1)}`
  const [row] = await connection.query(isLocked ? sql + lockRows : sql, [part])
  if (row === undefined) throw new Error(`Part ${part} is gone.`)
  return row
}

/**
 * Moves the part past a chunk, or with `settledTo` past its records before that position, and adds what became of the
 * records; answers that. Undefined when the part is past the chunk already: another has settled it meanwhile, and what
 * this transaction wrote is to be rolled back.
 */
export async function advancePart(
  context: PartContext,
  { number, settledTo }: { readonly number: number; readonly settledTo: number | undefined },
  { settlement, locked }: { readonly settlement: Settlement; readonly locked: Row | undefined },
): Promise<PartCounts | undefined> {
  const { connection, part } = context
  const { quote: q, placeholder: p } = context.dialect
  const state = locked ?? (await partRow(context, COLUMNS, true))
  if (Number(state['next']) > number) return undefined
  const codes = JSON.parse(String(state['codes'])) as Record<string, number>
  const own = countsOf(settlement, codes)
  const sums = OUTCOMES.map((outcome) => Number(state[outcome]) + own[outcome])
  const sets = COLUMNS.map((column, index) => `${q(column)} = ${p(index + 1)}`).join(', ')
  const sql = `UPDATE ${q(PART_TABLE)} SET ${sets} WHERE ${q('id')} = ${p(COLUMNS.length + 1)}`
  // The slices of an attempt before may have been larger.
  const place = settledTo === undefined ? [number + 1, 0] : [number, Math.max(settledTo, Number(state['settledTo']))]
  await connection.execute(sql, [...place, ...sums, JSON.stringify(codes), part])
  return own
}

function countsOf({ accepted, others }: Settlement, codes: Record<string, number>): PartCounts {
  const counts: PartCounts = { accepted: accepted.length, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  for (const { outcome, reasons } of others) {
    counts[outcome] += 1
    for (const { code, field } of reasons) codes[`${code} ${field}`] = (codes[`${code} ${field}`] ?? 0) + 1
  }
  return counts
}
