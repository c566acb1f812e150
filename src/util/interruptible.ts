/** The items of a source until the signal aborts, also while the source keeps one waiting; then throws its reason. */
export async function* interruptible<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]()
  let interrupt: ((reason: unknown) => void) | undefined
  const onAbort = () => interrupt?.(signal.reason)
  signal.addEventListener('abort', onAbort)
  let [isWaiting, hasEnded] = [false, false]
  try {
    for (;;) {
      signal.throwIfAborted()
      isWaiting = true
      // Not Promise.race with one promise of the signal: that would keep every item until the end.
      const { done, value } = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = reject
        Promise.resolve(iterator.next()).then(resolve, (error: unknown) => {
          hasEnded = true
          reject(error)
        })
      })
      isWaiting = false
      hasEnded = done === true
      if (hasEnded) return
      yield value as T
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!hasEnded) {
      const returned = Promise.resolve(iterator.return?.())
      // A source that is still asked for its next item answers only after that.
      if (isWaiting) returned.catch(() => undefined)
      else await returned
    }
  }
}
