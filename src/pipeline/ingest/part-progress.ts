/** How far a part is, and its counts, in one row that is committed with the records. */
import { PART_TABLE } from '../../cluster/bookkeeping/tables.js'
import { OUTCOMES, type PartContext, type PartCounts, type Settlement } from './part-context.js'

/** How far a part is. */
export interface Progress {
  /** The number of its next chunk; of a stream the next position. */
  readonly next: number
  /** Records before this position are settled, whatever chunk they are of. */
  readonly settledTo: number
}

/** How far the part is; with `isLocked` nobody else moves it before this transaction ends. */
export async function progressOf(
  { connection, dialect, part }: PartContext,
  { isLocked }: { readonly isLocked: boolean },
): Promise<Progress> {
  const { quote: q, placeholder: p, lockRows } = dialect
  const sql = `SELECT ${q('next')}, ${q('settledTo')} FROM ${q(PART_TABLE)} WHERE ${q('id')} = ${p(1)}${isLocked ? lockRows : ''}`
  const row = (await connection.query(sql, [part]))[0]
  if (row === undefined) throw new Error(`Part ${part} is gone.`)
  return { next: Number(row['next']), settledTo: Number(row['settledTo']) }
}

/**
 * Moves the part past a chunk, or with `settledTo` past its records before that position, and adds what became of the
 * records; answers that. Undefined when the part is past the chunk already: another has settled it meanwhile, and what
 * this transaction wrote is to be rolled back.
 */
export async function advancePart(
  { connection, dialect, part }: PartContext,
  { number, settledTo }: { readonly number: number; readonly settledTo: number | undefined },
  settlement: Settlement,
): Promise<PartCounts | undefined> {
  const { quote: q, placeholder: p, lockRows } = dialect
  const columns = ['next', 'settledTo', ...OUTCOMES, 'codes'].map(q)
  const of = `FROM ${q(PART_TABLE)} WHERE ${q('id')} = ${p(1)}${lockRows}`
  const state = (await connection.query(`SELECT ${columns.join(', ')} ${of}`, [part]))[0]
  if (state === undefined) throw new Error(`Part ${part} is gone.`)
  if (Number(state['next']) > number) return undefined
  const codes = JSON.parse(String(state['codes'])) as Record<string, number>
  const own = countsOf(settlement, codes)
  const sums = OUTCOMES.map((outcome) => Number(state[outcome]) + own[outcome])
  const sets = columns.map((column, index) => `${column} = ${p(index + 1)}`).join(', ')
  const sql = `UPDATE ${q(PART_TABLE)} SET ${sets} WHERE ${q('id')} = ${p(columns.length + 1)}`
  const place = settledTo === undefined ? [number + 1, 0] : [number, settledTo]
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
