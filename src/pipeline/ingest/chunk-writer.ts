/**
 * Writes the part of a chunk that goes to one database: rows, hashes, ledger lines and the part's progress, in one
 * transaction.
 *
 * 1. The transaction moves the part past the chunk, under a lock on the part's row; when the part is past it already,
 *    all is rolled back. So a chunk that is read twice, by whomever, is stored once.
 * 2. A stored row beats every record, an earlier record a later one.
 * 3. Most chunks meet nothing that is stored, so they are written at once, and only when that fails are the table and
 *    the hashes asked first; by then the chunks before have committed.
 * 4. What becomes of a record does not depend on which others share its chunk, or its transaction.
 * 5. While somebody waits for a database with one writer, a chunk is written in slices, so that the wait is short.
 */
import type { SendRows } from '../../drivers/driver.js'
import { TurnLost } from './chunk-order.js'
import type { PreparedRecord } from './chunk-reader.js'
import {
  addCounts,
  sortedOut,
  type PartContext,
  type PartCounts,
  type PartWork,
  type Settlement,
} from './part-context.js'
import { advancePart, progressOf, type Progress } from './part-progress.js'
import { hashRows, linesOf, rowIdsOf, type PartLines } from './part-rows.js'
import { rowShapes, rowIdsOfShape, type RowShape } from './row-insert.js'
import { settleCarefully } from './settle-carefully.js'

/** When a part may be written, beside the parts of other chunks. */
export interface WriteTurn {
  /** Waits until rows may be written; false when the database is left out. */
  rows(): Promise<boolean>
  /** The rows are written: others may follow. */
  rowsWritten(): void
  /** Waits until it may be committed. @throws TurnLost when it is to be rolled back and written again */
  commit(): Promise<void>
}

/** What is answered when the database is left out. */
export const LEFT_OUT = Symbol('left out')

/** What became of a part; undefined when it was settled before. */
export type Written = PartCounts | undefined | typeof LEFT_OUT

/** Thrown when a chunk meets what others write or have stored, or has a row that the database refuses. */
class NotClean extends Error {}

const CLASHES_MAX = 5
/** How long a slice should hold the database, in milliseconds, and the fewest records worth a transaction. */
const SLICE_MS = 5
const SLICE_RECORDS_MIN = 50

/** Records of a part that share a transaction. */
interface Slice {
  readonly number: number
  readonly records: readonly PreparedRecord[]
  /** Where the next slice begins; undefined of the last one, which settles the chunk. */
  readonly settledTo: number | undefined
}

/** Asks what is stored before it writes, after a chunk that has met something. */
export class ChunkWriter {
  #isCareful = false
  /** How long a record has taken lately; before the first one a guess on the safe side. */
  #msPerRecord = 0.05
  /** How often in a row a careful attempt has met a value that was not there when it was looked for. */
  #clashes = 0

  /** Writes what is not settled yet; what attempts have settled adds up in the work's counts. */
  async write(context: PartContext, work: PartWork, turn: WriteTurn): Promise<Written> {
    for (;;) {
      try {
        return await (this.#isCareful ? this.#carefully(context, work, turn) : this.#atOnce(context, work, turn))
      } catch (error) {
        if (error instanceof NotClean) this.#isCareful = true
        else if (!(error instanceof TurnLost)) throw error
      }
    }
  }

  /** Writes all candidates unseen. */
  async #atOnce(context: PartContext, work: PartWork, turn: WriteTurn): Promise<Written> {
    const slices = this.#slicesOf(context, work)
    // Readied while others write; which records of a stream are new is known only with the part's progress.
    const early = slices.map(({ records }) => (work.isStream ? undefined : readied(context, work, records)))
    if (!(await turn.rows())) return LEFT_OUT
    return this.#inSlices(context, work, slices, async (slice, index) => {
      const progress = await progressOf(context, { isLocked: work.isStream })
      context.fault('part-read')
      if (progress.next > work.number) return undefined
      const records = newOnes(work, slice, progress)
      const isWhole = records.length === slice.records.length
      const ready = (isWhole ? early[index] : undefined) ?? readied(context, work, records)
      const ids = await sendUnseen(context, ready)
      context.fault('rows-written')
      turn.rowsWritten()
      await ready.sendLines(rowIdsOf(ready.lines, ids))
      context.fault('lines-written')
      await turn.commit()
      work.note?.(ready.settlement, ids)
      return advancePart(context, slice, { settlement: ready.settlement, locked: progress.locked })
    })
  }

  #slicesOf({ connection }: PartContext, { number, isStream, records }: PartWork): readonly Slice[] {
    if (isStream || !connection.isAwaited) return [{ number, records, settledTo: undefined }]
    const size = Math.max(SLICE_RECORDS_MIN, Math.floor(SLICE_MS / this.#msPerRecord))
    const slices: Slice[] = []
    for (let from = 0; from < records.length; from += size) {
      const settledTo = records[from + size]?.position
      slices.push({ number, records: records.slice(from, from + size), settledTo })
    }
    return slices
  }

  /** Writes slice after slice, each in a transaction; undefined when the chunk was settled before. */
  async #inSlices(
    context: PartContext,
    { counts: sum }: PartWork,
    slices: readonly Slice[],
    write: (slice: Slice, index: number) => Promise<PartCounts | undefined>,
  ): Promise<PartCounts | undefined> {
    for (const [index, slice] of slices.entries()) {
      let startedAt = 0
      const counts = await inTransaction(context, () => {
        startedAt = performance.now()
        return write(slice, index)
      })
      if (counts === undefined) return undefined
      this.#msPerRecord = (performance.now() - startedAt) / slice.records.length
      addCounts(sum, counts)
    }
    return sum
  }

  /** Waits for all that comes before, and asks what is stored. */
  async #carefully(context: PartContext, work: PartWork, turn: WriteTurn): Promise<Written> {
    if (!(await turn.rows())) return LEFT_OUT
    await turn.commit()
    // What clashes again and again is no other writer: the database takes two values for the same that differ here.
    const isUnique = this.#clashes < CLASHES_MAX ? context.isUnique : () => false
    try {
      const written = await this.#inSlices(context, work, this.#slicesOf(context, work), (slice) =>
        this.#settle({ ...context, isUnique }, work, slice),
      )
      this.#clashes = 0
      return written
    } catch (error) {
      if (context.isUnique(error)) this.#clashes += 1
      throw error
    }
  }

  async #settle(context: PartContext, work: PartWork, slice: Slice): Promise<PartCounts | undefined> {
    const progress = await progressOf(context, { isLocked: true })
    context.fault('part-read')
    if (progress.next > work.number) return undefined
    const { candidates, others } = sortedOut(newOnes(work, slice, progress))
    const settled = candidates.length === 0 ? [] : await settleCarefully(context, candidates)
    if (settled.every(({ outcome }) => outcome === 'accepted')) this.#isCareful = false
    context.fault('rows-written')
    const settlement = { accepted: [], others: [...others, ...settled] }
    const lines = linesOf(context, work, settlement)
    await context.connection.prepareInsert(lines.rows)(rowIdsOf(lines, []))
    context.fault('lines-written')
    work.note?.(settlement, [])
    return advancePart(context, slice, { settlement, locked: progress.locked })
  }
}

/** Rolls back when `work` throws or answers undefined. */
async function inTransaction<T>({ connection, fault }: PartContext, work: () => Promise<T | undefined>) {
  await connection.begin()
  try {
    const result = await work()
    if (result === undefined) {
      await connection.rollback()
      return undefined
    }
    fault('before-commit')
    await connection.commit()
    fault('committed')
    return result
  } catch (error) {
    await connection.rollback()
    throw error
  }
}

function newOnes({ isStream }: PartWork, { records }: Slice, { next, settledTo }: Progress): readonly PreparedRecord[] {
  const from = isStream ? next : settledTo
  return (records[0]?.position ?? 0) >= from ? records : records.filter(({ position }) => position >= from)
}

/** All that is written at once, as the engine takes it. */
interface Ready {
  readonly settlement: Settlement
  readonly sendHashes: SendRows
  readonly shapes: readonly { readonly shape: RowShape; readonly send: SendRows }[]
  readonly lines: PartLines
  readonly sendLines: SendRows
}

function readied(context: PartContext, work: PartWork, records: readonly PreparedRecord[]): Ready {
  const { connection } = context
  const { candidates, others } = sortedOut(records)
  const settlement = { accepted: candidates, others }
  const lines = linesOf(context, work, settlement)
  return {
    settlement,
    sendHashes: connection.prepareInsert(hashRows(context, candidates)),
    shapes: rowShapes(context, candidates).map((shape) => ({ shape, send: connection.prepareInsert(shape.rows) })),
    lines,
    sendLines: connection.prepareInsert(lines.rows),
  }
}

/** Sends hashes and rows; answers the ids of the rows, in the order of the accepted. */
async function sendUnseen(context: PartContext, ready: Ready): Promise<readonly (string | undefined)[]> {
  const ids: (string | undefined)[] = []
  try {
    await ready.sendHashes()
    for (const { shape, send } of ready.shapes) rowIdsOfShape(context, shape, { made: await send(), into: ids })
    return ids
  } catch (error) {
    const { isUnique, isConflict, refusalOf } = context
    throw isUnique(error) || isConflict(error) || refusalOf(error) !== undefined ? new NotClean() : error
  }
}
