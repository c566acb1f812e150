/** A value that components watch. */
import { useEffect, useState } from 'preact/hooks'

export class Store<Value> {
  #value: Value
  readonly #watchers = new Set<() => void>()

  constructor(value: Value) {
    this.#value = value
  }

  get value(): Value {
    return this.#value
  }

  /** Changes some members. */
  change(part: Partial<Value>): void {
    this.#value = { ...this.#value, ...part }
    for (const watcher of this.#watchers) watcher()
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** What is chosen of a store; the component is drawn again when that is another value. */
export function useStore<Value, Chosen>(store: Store<Value>, choose: (value: Value) => Chosen): Chosen {
  const chosen = choose(store.value)
  const [, draw] = useState(0)
  useEffect(() => {
    let last = choose(store.value)
    if (!Object.is(last, chosen)) draw((count) => count + 1)
    return store.watch(() => {
      const now = choose(store.value)
      if (Object.is(now, last)) return
      last = now
      draw((count) => count + 1)
    })
    // Which member is chosen does not change during the life of a component.
  }, [store])
  return chosen
}
