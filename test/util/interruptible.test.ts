import { setTimeout as sleep } from 'node:timers/promises'
import { interruptible } from 'shardyard/src/util/interruptible'

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

/** A source that tells whether it was closed. */
function numbers({ hangsAt = Number.POSITIVE_INFINITY, failsAt = Number.POSITIVE_INFINITY, count = 5 } = {}) {
  const state = { isClosed: false }
  async function* source() {
    try {
      for (let at = 0; at < count; at++) {
        if (at === hangsAt) await new Promise<never>(() => undefined)
        if (at === failsAt) throw new Error('no more')
        yield at
      }
    } finally {
      state.isClosed = true
    }
  }
  return Object.assign(source(), { state })
}

const live = () => new AbortController().signal

describe('an interruptible source', () => {
  test('answers all items in their order', async () => {
    expect(await collect(interruptible(numbers(), live()))).toEqual([0, 1, 2, 3, 4])
  })

  test('passes the error of the source on', async () => {
    await expect(collect(interruptible(numbers({ failsAt: 2 }), live()))).rejects.toThrow('no more')
  })

  test('throws the reason of the signal while the source hangs', async () => {
    const abort = new AbortController()
    const collected = collect(interruptible(numbers({ hangsAt: 2 }), abort.signal))
    const outcome = expect(collected).rejects.toThrow('enough')
    await sleep(5)
    abort.abort(new Error('enough'))
    await outcome
  })

  test('asks for nothing when the signal has aborted before', async () => {
    const source = numbers()
    await expect(collect(interruptible(source, AbortSignal.abort(new Error('enough'))))).rejects.toThrow('enough')
    expect(await source.next()).toEqual({ done: true, value: undefined })
  })

  test('closes the source when its user stops', async () => {
    const source = numbers()
    for await (const item of interruptible(source, live())) if (item === 1) break
    expect(source.state.isClosed).toBe(true)
  })

  test('leaves no listener on the signal', async () => {
    const signal = live()
    const removed = jest.spyOn(signal, 'removeEventListener')
    const added = jest.spyOn(signal, 'addEventListener')
    await collect(interruptible(numbers(), signal))
    await expect(collect(interruptible(numbers({ failsAt: 1 }), signal))).rejects.toThrow()
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed.mock.calls.map((call) => call[1])).toEqual(added.mock.calls.map((call) => call[1]))
  })
})
