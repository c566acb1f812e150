/**
 * Writes the part of a chunk that goes to one database: rows, hashes, ledger lines and the part's progress, in one
 * transaction.
 *
 * 1. The transaction moves the part past the chunk, under a lock on the part's row; when the part is past it already,
 *    all is rolled back. So a chunk that is read twice, by whomever, is stored once.
 * 2. A stored row beats every record, an earlier record a later one.
 * 3. Most chunks meet nothing that is stored, so they are written at once, and only when that fails are the table and
 *    the hashes asked first; by then the chunks before have committed.
 * 4. What becomes of a record does not depend on which others share its chunk.
 */
import type { SendRows } from '../../drivers/driver.js'
import { TurnLost } from './chunk-order.js'
import type { PreparedRecord } from './chunk-reader.js'
import { sortedOut, type PartContext, type PartCounts, type PartWork, type Settlement } from './part-context.js'
import { advancePart, nextOfPart } from './part-progress.js'
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

/** Asks what is stored before it writes, after a chunk that has met something. */
export class ChunkWriter {
  #isCareful = false
  /** How often in a row a careful attempt has met a value that was not there when it was looked for. */
  #clashes = 0

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
    // Readied while others write; which records of a stream are new is known only with the part's progress.
    const early = work.isStream ? undefined : readied(context, work, work.records)
    if (!(await turn.rows())) return LEFT_OUT
    return inTransaction(context, async () => {
      const next = await nextOfPart(context, { isLocked: work.isStream })
      context.fault('part-read')
      if (next > work.number) return undefined
      const ready = early ?? readied(context, work, newOnes(work, next))
      const ids = await sendUnseen(context, ready)
      context.fault('rows-written')
      turn.rowsWritten()
      await ready.sendLines(rowIdsOf(ready.lines, ids))
      context.fault('lines-written')
      await turn.commit()
      work.note?.(ready.settlement, ids)
      return advancePart(context, work.number, ready.settlement)
    })
  }

  /** Waits for all that comes before, and asks what is stored. */
  async #carefully(context: PartContext, work: PartWork, turn: WriteTurn): Promise<Written> {
    if (!(await turn.rows())) return LEFT_OUT
    await turn.commit()
    // What clashes again and again is no other writer: the database takes two values for the same that differ here.
    const isUnique = this.#clashes < CLASHES_MAX ? context.isUnique : () => false
    try {
      const written = await inTransaction(context, () => this.#settle({ ...context, isUnique }, work))
      this.#clashes = 0
      return written
    } catch (error) {
      if (context.isUnique(error)) this.#clashes += 1
      throw error
    }
  }

  async #settle(context: PartContext, work: PartWork): Promise<PartCounts | undefined> {
    const next = await nextOfPart(context, { isLocked: true })
    context.fault('part-read')
    if (next > work.number) return undefined
    const { candidates, others } = sortedOut(newOnes(work, next))
    const settled = candidates.length === 0 ? [] : await settleCarefully(context, candidates)
    if (settled.every(({ outcome }) => outcome === 'accepted')) this.#isCareful = false
    context.fault('rows-written')
    const settlement = { accepted: [], others: [...others, ...settled] }
    const lines = linesOf(context, work, settlement)
    await context.connection.prepareInsert(lines.rows)(rowIdsOf(lines, []))
    context.fault('lines-written')
    work.note?.(settlement, [])
    return advancePart(context, work.number, settlement)
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

function newOnes({ isStream, records }: PartWork, next: number): readonly PreparedRecord[] {
  return isStream ? records.filter(({ position }) => position >= next) : records
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
