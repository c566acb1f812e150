import { KafkaBroker } from '../../helpers/kafka/kafka-broker'
import {
  committed,
  gate,
  GROUP,
  kinds,
  numbers,
  read,
  sessionTimeoutMs,
  sleep,
  TOPIC,
  until,
  watchCommits,
  type InBatch,
  type Reader,
} from './stream-reader'

/** Does something once, in the middle of the first batch. */
function once(act: () => Promise<void> | void): InBatch {
  let isDone = false
  return async () => {
    if (isDone) return
    isDone = true
    await act()
  }
}

describe('a Kafka stream whose connections break', () => {
  test('in the middle of a batch goes on, and commits it', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(4))
    const reader = await read(broker, { batchMax: 2, inBatch: once(() => broker.loseConnections()) })
    await until(() => committed(broker) === 4n)
    broker.append(TOPIC, 0, numbers(2, 4))
    await until(() => committed(broker) === 6n)
    expect(reader.taken).toEqual([numbers(6)])
  })

  test('again and again between batches leaves nothing out', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 2 } })
    const reader = await read(broker, { sessionTimeoutMs })
    const wrong = watchCommits(broker, () => [reader])
    for (let round = 0; round < 10; round++) {
      for (const partition of [0, 1]) broker.append(TOPIC, partition, numbers(10, round * 10))
      await sleep(30)
      broker.loseConnections()
    }
    await until(() => committed(broker, 0) === 100n && committed(broker, 1) === 100n)
    expect(reader.taken.map((values) => [...new Set(values)])).toEqual([numbers(100), numbers(100)])
    expect(wrong).toEqual([])
  })

  test('as the broker is restarted in the middle of a batch leaves nothing out', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(4))
    const restart = async () => {
      await broker.stop()
      await sleep(300)
      await broker.start()
    }
    const reader = await read(broker, { sessionTimeoutMs, batchMax: 2, inBatch: once(restart) })
    const wrong = watchCommits(broker, () => [reader])
    await until(() => committed(broker) === 4n)
    broker.append(TOPIC, 0, numbers(2, 4))
    await until(() => committed(broker) === 6n)
    expect([...new Set(reader.taken[0])]).toEqual(numbers(6))
    expect(wrong).toEqual([])
  })

  test('waits for a broker that is away for long, tells so, and goes on', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    const reader = await read(broker, { sessionTimeoutMs })
    await until(() => kinds(reader.events, 'joined').length === 1)
    await broker.stop()
    await until(() => kinds(reader.events, 'waiting-for-stream').length >= 2)
    await broker.start()
    broker.append(TOPIC, 0, numbers(3))
    await until(() => committed(broker) === 3n)
    expect(reader.taken).toEqual([numbers(3)])
    expect(kinds(reader.events, 'waiting-for-stream')[0]).toMatchObject({
      message: expect.stringContaining(`Kafka at ${broker.address} cannot be reached`),
    })
  })

  test('ends with an error when the broker is away for longer than it waits', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    const reader = await read(broker, { sessionTimeoutMs, waitMs: 500 })
    await until(() => kinds(reader.events, 'joined').length === 1)
    await broker.stop()
    await expect(reader.run).rejects.toMatchObject({
      code: 'SY_STREAM_DOWN',
      message: expect.stringContaining(`Kafka at ${broker.address} cannot be reached: `),
      details: { brokers: broker.address, topic: TOPIC, group: GROUP },
    })
  })

  test('and stay broken ends at once when it is stopped', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    const reader = await read(broker, { sessionTimeoutMs })
    await until(() => kinds(reader.events, 'joined').length === 1)
    await broker.stop()
    await until(() => kinds(reader.events, 'waiting-for-stream').length === 1)
    // Then it is just about to connect again.
    await sleep(400)
    const startedAt = performance.now()
    await reader.stop()
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})

describe('a group of Kafka streams', () => {
  test('shares the partitions out, and takes over from one that stops', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 4 } })
    const readers = [await read(broker, { sessionTimeoutMs }), await read(broker, { sessionTimeoutMs })]
    const shares = () =>
      readers.map(({ events }) => {
        const joined = events.filter((event) => event.kind === 'joined').at(-1)
        return joined?.partitions.length ?? 0
      })
    await until(() => shares().join() === '2,2')
    for (const partition of [0, 1, 2, 3]) broker.append(TOPIC, partition, numbers(5))
    await until(() => [0, 1, 2, 3].every((partition) => committed(broker, partition) === 5n))
    expect(readers.map(({ taken }) => taken.filter(Boolean).length)).toEqual([2, 2])
    await readers[0]?.stop()
    for (const partition of [0, 1, 2, 3]) broker.append(TOPIC, partition, numbers(5, 5))
    await until(() => [0, 1, 2, 3].every((partition) => committed(broker, partition) === 10n))
    for (const partition of [0, 1, 2, 3]) {
      expect(readers.flatMap(({ taken }) => taken[partition] ?? [])).toEqual(numbers(10))
    }
  })

  test('a rebalance in the middle of a batch ends its claim, leaves it uncommitted, and brings it again', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(3))
    const claims: boolean[] = []
    let isFirst = true
    const reader = await read(broker, {
      sessionTimeoutMs,
      inBatch: async (_batch, claim) => {
        claims.push(claim.isOurs())
        if (!isFirst) return
        isFirst = false
        broker.rebalance()
        await until(() => !claim.isOurs())
        claims.push(claim.isOurs())
      },
    })
    await until(() => committed(broker) === 3n)
    expect(claims).toEqual([true, false, true])
    expect(reader.taken).toEqual([[...numbers(3), ...numbers(3)]])
    expect(broker.commits).toHaveLength(1)
    expect(kinds(reader.events, 'left-uncommitted')).toEqual([{ kind: 'left-uncommitted', partition: 0, offset: 3n }])
  })

  test('members that come and go, rebalances and broken connections lose nothing, nor commit too early', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 4 } })
    const readers: Reader[] = []
    const wrong = watchCommits(broker, () => readers)
    const open = async () => {
      readers.push(await read(broker, { sessionTimeoutMs, batchMax: 7, inBatch: () => sleep(10) }))
    }
    const troubles: (() => Promise<void>)[] = [
      open,
      open,
      async () => broker.rebalance(),
      async () => broker.loseConnections(),
      async () => readers[0]?.stop(),
    ]
    for (let round = 0; round < 10; round++) {
      for (const partition of [0, 1, 2, 3]) broker.append(TOPIC, partition, numbers(20, round * 20))
      await troubles[round]?.()
      if (round > troubles.length) broker.rebalance()
      await sleep(200)
    }
    await until(() => [0, 1, 2, 3].every((partition) => committed(broker, partition) === 200n))
    for (const partition of [0, 1, 2, 3]) {
      const taken = new Set(readers.flatMap((reader) => reader.taken[partition] ?? []))
      expect(taken.size).toBe(200)
    }
    expect(wrong).toEqual([])
    expect(broker.groupOf(GROUP).generation).toBeGreaterThan(3)
  })

  test('one that works at a batch for longer than a session is not put out', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(3))
    const reader = await read(broker, { sessionTimeoutMs, inBatch: () => sleep(2_500) })
    await until(() => committed(broker) === 3n)
    expect(reader.taken).toEqual([numbers(3)])
    expect(kinds(reader.events, 'joined')).toHaveLength(1)
  })

  test('one that the group has not heard of for a session no longer claims its partition', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(3))
    const door = gate()
    let isLost = false
    const reader = await read(broker, {
      sessionTimeoutMs,
      inBatch: async (_batch, claim) => {
        if (isLost) return
        broker.freeze()
        await until(() => !claim.isOurs())
        isLost = true
        await door.passed
      },
    })
    await until(() => isLost)
    broker.thaw()
    await sleep(200)
    door.open()
    await until(() => committed(broker) === 3n)
    expect(reader.taken[0]?.slice(-3)).toEqual(numbers(3))
    expect(kinds(reader.events, 'batch-failed')).toEqual([])
  })
})
