import { existsSync, readFileSync } from 'node:fs'

const TICK_MS = 10
/** Of this thread: nanoseconds on a processor, nanoseconds of waiting for one, turns. Linux alone tells. */
const SCHEDULE = '/proc/thread-self/schedstat'
const isTold = existsSync(SCHEDULE)

/**
 * The longest pause between two ticks of a timer of 10 ms while it does `work`, without the time in which this thread
 * was ready and had no processor: that is the machine's doing. A loop that waits for a lock is not ready, it sleeps.
 */
export async function slowestTick(work: () => Promise<unknown>): Promise<number> {
  let [slowestMs, last] = [0, ownTimeMs()]
  const tick = () => {
    const now = ownTimeMs()
    slowestMs = Math.max(slowestMs, now - last)
    last = now
  }
  const timer = setInterval(tick, TICK_MS)
  try {
    await work()
  } finally {
    clearInterval(timer)
    // A loop that was blocked to the end comes here before its late tick.
    tick()
  }
  return slowestMs
}

function ownTimeMs(): number {
  const [, waitedNs = 0] = isTold ? readFileSync(SCHEDULE, 'utf8').split(' ').map(Number) : []
  return performance.now() - waitedNs / 1e6
}
