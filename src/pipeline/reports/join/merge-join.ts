/** Joins two streams that are in the order of their keys, in the memory of a page of each. */
import { strict as assert } from 'node:assert'
import { compareKeys, type JoinKey } from './compare-keys.js'

/** Pages of rows in ascending order of a key, such as `rowPages` reads. */
export interface JoinSide<RowType> {
  readonly pages: AsyncIterable<readonly RowType[]>
  readonly keyOf: (row: RowType) => JoinKey
}

/** A row of the left side and the one of the right side that has its key; one of them may be missing. */
export type Joined<Left, Right> = readonly [left: Left | undefined, right: Right | undefined]

/** Which rows come out: those with a partner; all of the left side as well; all of both. */
export type JoinKind = 'inner' | 'left' | 'full'

/**
 * Pairs the rows of two streams by their keys. A key occurs once on the right side, as often as it likes on the left.
 * Each stream is read once and only as far as it is needed; both are ended when the reader stops.
 *
 * @example
 * const orders = { pages: rowPages(cluster, Order, { columns: ['userId'], orderBy: ['userId'] }), keyOf: (order) => order.userId }
 * const users = { pages: rowPages(cluster, User, { columns: ['id', 'name'] }), keyOf: (user) => user.id }
 * for await (const page of mergeJoin(orders, users, 'left')) for (const [order, user] of page) { … }
 */
export async function* mergeJoin<Left, Right>(
  left: JoinSide<Left>,
  right: JoinSide<Right>,
  kind: JoinKind = 'inner',
): AsyncGenerator<readonly Joined<Left, Right>[], void, undefined> {
  const [lefts, rights] = [new Cursor(left, 'left'), new Cursor(right, 'right')]
  try {
    await Promise.all([lefts.load(), rights.load()])
    for (;;) {
      if (lefts.isAtEnd && (kind !== 'full' || rights.isAtEnd)) return
      const pairs = pairsInMemory(lefts, rights, kind)
      if (pairs.length > 0) yield pairs
      await lefts.load()
      await rights.load()
    }
  } finally {
    await Promise.all([lefts.close(), rights.close()])
  }
}

/** Pairs rows until one side needs another page. */
function pairsInMemory<Left, Right>(lefts: Cursor<Left>, rights: Cursor<Right>, kind: JoinKind): Joined<Left, Right>[] {
  const pairs: Joined<Left, Right>[] = []
  while (lefts.isReady && rights.isReady) {
    const order = orderOf(lefts, rights)
    if (order === undefined) break
    if (order > 0) {
      if (kind === 'full' && !rights.isTaken) pairs.push([undefined, rights.head])
      rights.advance()
    } else if (order < 0) {
      if (kind !== 'inner') pairs.push([lefts.head, undefined])
      lefts.advance()
    } else {
      pairs.push([lefts.head, rights.head])
      rights.isTaken = true
      lefts.advance()
    }
  }
  return pairs
}

/** Which head comes first; a side that is at its end comes last. */
function orderOf<Left, Right>(lefts: Cursor<Left>, rights: Cursor<Right>): number | undefined {
  if (lefts.isAtEnd) return rights.isAtEnd ? undefined : 1
  return rights.isAtEnd ? -1 : compareKeys(lefts.key, rights.key)
}

/** A place in a stream of pages. */
class Cursor<RowType> {
  isAtEnd = false
  /** Whether the head has found a partner. */
  isTaken = false
  readonly #reader: AsyncIterator<readonly RowType[]>
  readonly #keyOf: (row: RowType) => JoinKey
  readonly #side: 'left' | 'right'
  #page: readonly RowType[] = []
  #at = 0
  #key: JoinKey | undefined

  constructor({ pages, keyOf }: JoinSide<RowType>, side: 'left' | 'right') {
    this.#reader = pages[Symbol.asyncIterator]()
    this.#keyOf = keyOf
    this.#side = side
  }

  /** False when the next page is to be loaded first. */
  get isReady(): boolean {
    return this.isAtEnd || this.#at < this.#page.length
  }

  get head(): RowType {
    return this.#page[this.#at] as RowType
  }

  get key(): JoinKey {
    return this.#key as JoinKey
  }

  advance(): void {
    this.#at += 1
    this.isTaken = false
    if (this.#at < this.#page.length) this.#readKey()
  }

  async load(): Promise<void> {
    while (!this.isReady) {
      const { done, value } = await this.#reader.next()
      this.#page = done === true ? [] : (value as readonly RowType[])
      this.#at = 0
      this.isAtEnd = done === true
      if (this.#page.length > 0) this.#readKey()
    }
  }

  async close(): Promise<void> {
    if (!this.isAtEnd) await this.#reader.return?.()
  }

  #readKey(): void {
    const [before, key] = [this.#key, this.#keyOf(this.head)]
    this.#key = key
    if (before === undefined) return
    const order = compareKeys(before, key)
    const isOrdered = this.#side === 'left' ? order <= 0 : order < 0
    assert(isOrdered, `The ${this.#side} side of a join is not in the order of its key.`)
  }
}
