import { ChunkOrder, TurnLost, type ChunkTurn } from 'shardyard/src/pipeline/ingest/chunk-order'

/** The turns of four chunks in one database. */
function turns(hasOneWriter = false): { order: ChunkOrder; turns: ChunkTurn[] } {
  const order = new ChunkOrder(ChunkOrder.bufferFor(2))
  const options = { hasOneWriter, mayGoOn: () => Promise.resolve() }
  return { order, turns: [0, 1, 2, 3].map((sequence) => order.turnOf(1, sequence, options)) }
}

/** Whether a wait is over by now; it is given time for the turns of the event loop that a wake-up takes. */
async function isOver(wait: Promise<unknown>): Promise<boolean> {
  const waiting = Symbol('waiting')
  const late = new Promise((resolve) => setTimeout(resolve, 30, waiting))
  return (await Promise.race([wait, late])) !== waiting
}

describe('the order of chunks', () => {
  test('a chunk writes rows once the one before has written its own, and commits once that one has', async () => {
    const [first, second] = turns().turns as [ChunkTurn, ChunkTurn]
    expect(await first.rows()).toBe(true)
    const rows = second.rows()
    expect(await isOver(rows)).toBe(false)
    first.rowsWritten()
    expect(await rows).toBe(true)
    const commit = second.commit()
    expect(await isOver(commit)).toBe(false)
    await first.commit()
    first.done()
    await commit
  })

  test('where one connection at a time writes, the next chunk waits for the commit', async () => {
    const [first, second] = turns(true).turns as [ChunkTurn, ChunkTurn]
    await first.rows()
    first.rowsWritten()
    const rows = second.rows()
    expect(await isOver(rows)).toBe(false)
    first.done()
    expect(await rows).toBe(true)
  })

  test('a chunk that takes its turn back has those after it lose theirs, and wait for it again', async () => {
    const [first, second, third] = turns().turns as [ChunkTurn, ChunkTurn, ChunkTurn]
    for (const turn of [first, second, third]) {
      await turn.rows()
      turn.rowsWritten()
    }
    const lost = second.commit()
    first.takeBack()
    await expect(lost).rejects.toBeInstanceOf(TurnLost)
    await expect(third.commit()).rejects.toBeInstanceOf(TurnLost)
    const again = second.rows()
    expect(await isOver(again)).toBe(false)
    await first.rows()
    first.rowsWritten()
    expect(await again).toBe(true)
    expect(await isOver(third.rows())).toBe(false)
  })

  test('rows that were written in a lost turn let nobody follow', async () => {
    const [first, second, third] = turns().turns as [ChunkTurn, ChunkTurn, ChunkTurn]
    await first.rows()
    first.rowsWritten()
    await second.rows()
    first.takeBack()
    second.rowsWritten()
    expect(await isOver(third.rows())).toBe(false)
  })

  test('a chunk without rows passes both turns in its order', async () => {
    const [first, second, third] = turns().turns as [ChunkTurn, ChunkTurn, ChunkTurn]
    const skipped = second.skip()
    const rows = third.rows()
    expect(await isOver(skipped)).toBe(false)
    await first.rows()
    first.done()
    await skipped
    expect(await rows).toBe(true)
    await third.commit()
  })

  test('a chunk that was settled before ends its turns after those before it', async () => {
    const [first, second, third] = turns().turns as [ChunkTurn, ChunkTurn, ChunkTurn]
    await first.rows()
    first.rowsWritten()
    await second.rows()
    const ended = second.skip()
    expect(await isOver(ended)).toBe(false)
    await first.commit()
    first.done()
    await ended
    await third.rows()
    await third.commit()
  })

  test('a database that is left out lets everybody pass, and has nobody commit', async () => {
    const { order, turns: all } = turns()
    const [first, second, third] = all as [ChunkTurn, ChunkTurn, ChunkTurn]
    await first.rows()
    first.rowsWritten()
    await second.rows()
    const commit = second.commit()
    order.leaveOut(1)
    await expect(commit).rejects.toBeInstanceOf(TurnLost)
    expect(await third.rows()).toBe(false)
    await third.skip()
  })
})
