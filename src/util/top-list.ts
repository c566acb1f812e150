/** Keeps the first few of many things in an order, in the memory of those few. */
export class TopList<T> {
  readonly #max: number
  readonly #compare: (a: T, b: T) => number
  /** A heap whose root is the last one of those kept. */
  readonly #heap: T[] = []

  /** `compare` is that of a sort: what comes first is kept. */
  constructor(max: number, compare: (a: T, b: T) => number) {
    this.#max = max
    this.#compare = compare
  }

  add(item: T): void {
    const heap = this.#heap
    if (heap.length < this.#max) {
      heap.push(item)
      this.#rise(heap.length - 1)
      return
    }
    const last = heap[0]
    if (last === undefined || this.#compare(item, last) >= 0) return
    heap[0] = item
    this.#sink(0)
  }

  /** What was kept, in order. */
  sorted(): T[] {
    return this.#heap.toSorted(this.#compare)
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#isBehind(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      let behind = at
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#heap.length && this.#isBehind(child, behind)) behind = child
      if (behind === at) return
      this.#swap(at, behind)
      at = behind
    }
  }

  #isBehind(a: number, b: number): boolean {
    return this.#compare(this.#heap[a] as T, this.#heap[b] as T) > 0
  }

  #swap(a: number, b: number): void {
    const item = this.#heap[a] as T
    this.#heap[a] = this.#heap[b] as T
    this.#heap[b] = item
  }
}
