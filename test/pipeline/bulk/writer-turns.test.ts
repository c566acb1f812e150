import { WriterTurns } from 'shardyard/src/pipeline/bulk/writer-turns'
import { within } from 'shardyard/src/util/sleep'

describe('turns to write', () => {
  test('are one thread at a time for each database', async () => {
    const turns = new WriterTurns(WriterTurns.bufferFor(2))
    await turns.take(0, 1)
    await turns.take(1, 2)
    const second = turns.take(0, 2).then(() => 'taken')
    expect(await within(second, 50)).toBeUndefined()
    turns.end(0, 1)
    expect(await within(second, 500)).toBe('taken')
  })

  test('may be taken again by the thread that has them, and are not ended by another', async () => {
    const turns = new WriterTurns(WriterTurns.bufferFor(1))
    await turns.take(0, 1)
    await turns.take(0, 1)
    turns.end(0, 2)
    expect(
      await within(
        turns.take(0, 2).then(() => 'taken'),
        50,
      ),
    ).toBeUndefined()
    turns.end(0, 1)
  })

  test('of a thread that has died are ended all at once', async () => {
    const turns = new WriterTurns(WriterTurns.bufferFor(3))
    for (const database of [0, 2]) await turns.take(database, 5)
    turns.endAll(5)
    await Promise.all([0, 1, 2].map((database) => turns.take(database, 6)))
  })

  test('of many come to all of them', async () => {
    const turns = new WriterTurns(WriterTurns.bufferFor(1))
    let [atWork, most] = [0, 0]
    const work = async (thread: number) => {
      await turns.take(0, thread)
      most = Math.max(most, ++atWork)
      await new Promise((resolve) => setImmediate(resolve))
      atWork -= 1
      turns.end(0, thread)
    }
    await Promise.all(Array.from({ length: 64 }, (_, index) => work(index + 1)))
    expect(most).toBe(1)
  })
})
