/** What a part writes beside its rows: the hashes of what it stores, and the lines of its ledger. */
import { HASH_TABLE, LINE_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { BulkRows } from '../../drivers/driver.js'
import type { PreparedRecord } from './chunk-reader.js'
import type { PartContext, PartCounts, PartWork, Settled, Settlement } from './part-context.js'

const HASH_COLUMNS = ['hash1', 'hash2', 'part', 'position']
/** The upper bits of a hash and a place in the chunk share a number without touching each other. */
const [LOWER_BITS, PLACES] = [2 ** 29, 2 ** 24]

/** The hashes of records that are stored; none where a key tells them again. */
export function hashRows({ dedupe, part }: PartContext, records: readonly PreparedRecord[]): BulkRows {
  const values: unknown[] = []
  if (dedupe !== 'key') {
    const order = byHash(records)
    for (let at = 0; at < order.length; at++) {
      const record = records[order[at] ?? 0]
      values.push(record?.hash?.[0], record?.hash?.[1], part, record?.position)
    }
  }
  return { table: HASH_TABLE, columns: HASH_COLUMNS, values }
}

/** Places of the records in the order of the index, near enough, in which each of its pages is touched once. */
function byHash(records: readonly PreparedRecord[]): Float64Array {
  const order = new Float64Array(records.length)
  for (let place = 0; place < order.length; place++) {
    order[place] = Math.floor((records[place]?.hash?.[0] ?? 0) / LOWER_BITS) * PLACES + place
  }
  // Numbers without a comparison of our own are sorted by the runtime.
  return order.toSorted().map((key) => key % PLACES)
}

const ROW_ID = 'rowId'
const LINE_COLUMNS = ['part', 'position', 'line', 'length', 'outcome', 'hash1', 'hash2', ROW_ID, 'raw']
/** Columns that most chunks have nothing for. */
const RARE_COLUMNS = ['reasons', 'changes', 'origin']

/** Lines whose row ids are known once the rows are written. */
export interface PartLines {
  readonly rows: BulkRows
  /** For each line the index of its record among the accepted; -1 for the others, whose row is known or not there. */
  readonly accepted: readonly number[]
  readonly known: readonly (string | null)[]
}

/** The lines of a part's records, in the order of the source, so that they are appended. */
export function linesOf(context: PartContext, work: PartWork, settlement: Settlement): PartLines {
  const lines = new Lines(context, work, hasRare(work, settlement) ? [...LINE_COLUMNS, ...RARE_COLUMNS] : LINE_COLUMNS)
  const { ledger } = context
  if (ledger === 'full') {
    const others = settlement.others.toSorted(byPosition)
    let next = 0
    for (const [index, record] of settlement.accepted.entries()) {
      for (let other = others[next]; other !== undefined && other.record.position < record.position; ) {
        lines.add(other.record, other, -1)
        other = others[++next]
      }
      lines.add(record, ACCEPTED, index)
    }
    for (const other of others.slice(next)) lines.add(other.record, other, -1)
  } else if (ledger === 'rejects') {
    const rejects = settlement.others.filter(({ outcome }) => outcome === 'rejected')
    for (const reject of rejects.toSorted(byPosition)) lines.add(reject.record, reject, -1)
  }
  return lines
}

function hasRare({ records, originOf }: PartWork, { others }: Settlement): boolean {
  return (
    others.some(({ reasons }) => reasons.length > 0) ||
    records.some((record) => record.changes.length > 0 || originOf(record) !== null)
  )
}

type Outcome = Pick<Settled, 'outcome' | 'rowId' | 'reasons'>

const ACCEPTED: Outcome = { outcome: 'accepted' satisfies keyof PartCounts, rowId: undefined, reasons: [] }

class Lines implements PartLines {
  readonly rows: BulkRows
  readonly accepted: number[] = []
  readonly known: (string | null)[] = []
  readonly #values: unknown[] = []
  readonly #part: number
  readonly #work: PartWork

  constructor({ part }: PartContext, work: PartWork, columns: readonly string[]) {
    this.#part = part
    this.#work = work
    this.rows = { table: LINE_TABLE, columns, values: this.#values, late: ROW_ID }
  }

  add(record: PreparedRecord, { outcome, rowId, reasons }: Outcome, accepted: number): void {
    const { source, hash, changes } = record
    const { offset, line, length } = source
    const raw = this.#work.rawOf(record)
    this.#values.push(this.#part, offset, line, length, outcome, hash?.[0] ?? null, hash?.[1] ?? null, null, raw)
    if (this.rows.columns.length > LINE_COLUMNS.length) {
      this.#values.push(reasons.length === 0 ? null : JSON.stringify(reasons))
      this.#values.push(changes.length === 0 ? null : JSON.stringify(changes))
      this.#values.push(this.#work.originOf(record))
    }
    this.accepted.push(accepted)
    this.known.push(rowId ?? null)
  }
}

/** For each line the id of its row. */
export function rowIdsOf({ accepted, known }: PartLines, ids: readonly (string | undefined)[]): (string | null)[] {
  return accepted.map((index, line) => (index < 0 ? known[line] : ids[index]) ?? null)
}

function byPosition(a: Settled, b: Settled): number {
  return a.record.position - b.record.position
}
