import { setTimeout as sleep } from 'node:timers/promises'
import { slowestTick } from './slowest-tick'

/** Keeps the event loop from everything else, without using the processor, as a lock does that is waited for. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

describe('the slowest tick', () => {
  test.each([
    ['at once', 0, 0],
    ['in the middle', 50, 50],
    ['to the end', 50, 0],
  ])('shows a loop that is blocked %s', async (_, beforeMs, afterMs) => {
    const work = async () => {
      if (beforeMs > 0) await sleep(beforeMs)
      block(150)
      if (afterMs > 0) await sleep(afterMs)
    }
    expect(await slowestTick(work)).toBeGreaterThanOrEqual(145)
  })

  test('is short where nothing blocks the loop', async () => {
    expect(await slowestTick(() => sleep(300))).toBeLessThan(100)
  })
})
