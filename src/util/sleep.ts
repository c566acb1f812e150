import { setTimeout as delay } from 'node:timers/promises'

/** Waits `ms` milliseconds; rejects with the signal's reason when it aborts first, leaving no timer behind. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  try {
    await delay(ms, undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** Resolves to `undefined` when `work` takes longer than `limitMs`; never leaves its timer behind. */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  const timer = new AbortController()
  try {
    return await Promise.race([work, sleep(limitMs, timer.signal).then(() => undefined)])
  } finally {
    timer.abort()
  }
}
