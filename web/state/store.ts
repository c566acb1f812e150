/** A value that components watch. */
import { useEffect, useRef, useState } from 'preact/hooks'

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
  const drawn = useRef({ choose, chosen })
  drawn.current = { choose, chosen }
  useEffect(() => {
    const look = () => {
      const { choose: latest, chosen: last } = drawn.current
      if (!Object.is(latest(store.value), last)) draw((count) => count + 1)
    }
    // It may have changed between the drawing and now.
    look()
    return store.watch(look)
  }, [store])
  return chosen
}
