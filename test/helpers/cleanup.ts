type Scope = 'test' | 'file'

interface Item {
  scope: Scope
  readonly remove: () => Promise<void>
  readonly keptAs: string | undefined
}

interface Cleanup {
  readonly isInTest: boolean
  readonly items: Set<Item>
}

declare global {
  /** Shared with `environment.mjs`, which does the removing. */
  var shardyardCleanup: Cleanup
}

/**
 * Has something removed after the running test and its hooks, or at the end of the file when made outside of a test
 * (in `beforeAll`). With `keptAs`, its name, it is kept when the test fails.
 *
 * @returns a function that has it removed after the running test even so
 */
export function removeAtEnd(remove: () => Promise<void>, options: { readonly keptAs?: string } = {}): () => void {
  const { isInTest, items } = globalThis.shardyardCleanup
  const item: Item = { scope: isInTest ? 'test' : 'file', remove, keptAs: options.keptAs }
  items.add(item)
  return () => {
    if (globalThis.shardyardCleanup.isInTest) item.scope = 'test'
  }
}
