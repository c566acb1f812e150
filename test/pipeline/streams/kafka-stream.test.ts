import { KafkaBroker } from '../../helpers/kafka/kafka-broker'
import { committed, gate, GROUP, kinds, numbers, openStream, read, TOPIC, until } from './stream-reader'

describe('a Kafka stream', () => {
  test('hands over every partition in order, in batches that are not too large', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 3 } })
    for (const partition of [0, 1, 2]) broker.append(TOPIC, partition, numbers(250, partition * 1_000))
    const sizes: number[] = []
    const reader = await read(broker, { batchMax: 100, inBatch: ({ messages }) => void sizes.push(messages.length) })
    await until(() => [0, 1, 2].every((partition) => committed(broker, partition) === 250n))
    expect(reader.taken).toEqual([0, 1, 2].map((partition) => numbers(250, partition * 1_000)))
    expect(Math.max(...sizes)).toBe(100)
  })

  test('goes on where the group has got to, with what arrives later', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(5))
    const first = await read(broker)
    await until(() => committed(broker) === 5n)
    await first.stop()
    broker.append(TOPIC, 0, numbers(5, 5))
    const second = await read(broker)
    await until(() => committed(broker) === 10n)
    broker.append(TOPIC, 0, numbers(1, 10))
    await until(() => committed(broker) === 11n)
    expect([first.taken, second.taken]).toEqual([[numbers(5)], [numbers(6, 5)]])
  })

  test('begins with what comes next when it is not to read from the beginning', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(5))
    const reader = await read(broker, { fromBeginning: false })
    await until(() => broker.requests('Fetch') > 0)
    broker.append(TOPIC, 0, ['new'])
    await until(() => committed(broker) === 6n)
    expect(reader.taken).toEqual([['new']])
  })

  test('commits an offset only when the batch before it was taken', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(4))
    const seen: [bigint | undefined, bigint | undefined][] = []
    await read(broker, {
      batchMax: 2,
      inBatch: ({ messages }) => void seen.push([messages[0]?.offset, committed(broker)]),
    })
    await until(() => committed(broker) === 4n)
    expect(seen).toEqual([
      [0n, undefined],
      [2n, 2n],
    ])
    expect(broker.commits.map(({ offset }) => offset)).toEqual([2n, 4n])
  })

  test('brings a batch that was rejected again after a back-off that grows, and leaves nothing out', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(4))
    let failuresLeft = 3
    const reader = await read(broker, {
      batchMax: 2,
      inBatch: ({ messages }) => {
        if (messages[0]?.offset === 2n && failuresLeft-- > 0) throw new Error('The database is down.')
      },
    })
    await until(() => committed(broker) === 4n)
    expect(reader.taken).toEqual([numbers(4)])
    expect(kinds(reader.events, 'batch-failed')).toMatchObject([
      { partition: 0, offset: 2n, attempt: 1, retryMs: 50, error: { message: 'The database is down.' } },
      { offset: 2n, attempt: 2, retryMs: 100 },
      { offset: 2n, attempt: 3, retryMs: 200 },
    ])
    expect(broker.commits.map(({ offset }) => offset)).toEqual([2n, 4n])
  })

  test('lets the other partitions go on while one fails', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 2 } })
    for (const partition of [0, 1]) broker.append(TOPIC, partition, numbers(3))
    const reader = await read(broker, {
      retryMs: 60_000,
      inBatch: ({ partition }) => {
        if (partition === 0) throw new Error('Never.')
      },
    })
    await until(() => committed(broker, 1) === 3n)
    broker.append(TOPIC, 1, numbers(3, 3))
    await until(() => committed(broker, 1) === 6n)
    expect(reader.taken[1]).toEqual(numbers(6))
    expect(committed(broker, 0)).toBeUndefined()
  })

  test('hands over tombstones, keys, times and offsets that no number can hold', async () => {
    const startOffset = 2n ** 53n + 1n
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 }, startOffset })
    const at = new Date('2024-02-29T12:00:00.123Z')
    const timestamp = BigInt(at.getTime())
    broker.log(TOPIC, 0).append([{ timestamp, key: Buffer.from([0, 255]), value: null, headers: [] }])
    const messages: unknown[] = []
    await read(broker, { inBatch: (batch) => void messages.push(...batch.messages, batch.highWatermark) })
    await until(() => committed(broker) === startOffset + 1n)
    expect(messages).toEqual([
      { offset: startOffset, key: Buffer.from([0, 255]), value: null, timestamp: at },
      startOffset + 1n,
    ])
  })

  test('tells how many messages wait when some have come, and how many are left behind every batch', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(5))
    const reader = await read(broker, { batchMax: 2 })
    await until(() => committed(broker) === 5n)
    await until(() => kinds(reader.events, 'lag').length === 4)
    expect(kinds(reader.events, 'lag')).toEqual([5, 3, 1, 0].map((lag) => ({ kind: 'lag', partition: 0, lag })))
  })

  test('brings messages again when the group is set back, in order', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(4))
    const reader = await read(broker)
    await until(() => committed(broker) === 4n)
    broker.forceCommit(GROUP, TOPIC, 0, 1n)
    broker.rebalance()
    await until(() => reader.taken[0]?.length === 7)
    expect(reader.taken).toEqual([[...numbers(4), ...numbers(3, 1)]])
  })

  test('goes on with the oldest message there is when those that come next were deleted', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(10))
    broker.log(TOPIC, 0).deleteBefore(6n)
    broker.forceCommit(GROUP, TOPIC, 0, 2n)
    const reader = await read(broker)
    await until(() => committed(broker) === 10n)
    expect(reader.taken).toEqual([numbers(4, 6)])
    expect(kinds(reader.events, 'log')).toContainEqual(
      expect.objectContaining({ message: 'Offset out of range, resetting to default offset' }),
    )
  })
})

describe('the end of a Kafka stream', () => {
  test('a stop finishes and commits the batch at work, begins no other, and leaves the group', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(6))
    const door = gate()
    let isInside = false
    const reader = await read(broker, {
      batchMax: 2,
      inBatch: async () => {
        isInside = true
        await door.passed
      },
    })
    await until(() => isInside)
    const stopped = reader.stop()
    setTimeout(door.open, 100)
    await stopped
    expect(reader.taken).toEqual([numbers(2)])
    expect(committed(broker)).toBe(2n)
    expect(broker.groupOf(GROUP).members).toEqual([])
    expect(kinds(reader.events, 'log')).toEqual([])
  })

  test('a run that is stopped before it begins does nothing, and the stream can run again', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    const stream = await openStream(broker)
    await stream.run(() => Promise.reject(new Error('Never called.')), { signal: AbortSignal.abort() })
    expect(broker.requests('JoinGroup')).toBe(0)
    broker.append(TOPIC, 0, numbers(1))
    const stopping = new AbortController()
    await stream.run(async () => stopping.abort(), { signal: stopping.signal })
    expect(committed(broker)).toBe(1n)
    await stream.close()
  })

  test('a stream that is closed runs no more, and may be closed twice', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    const stream = await openStream(broker)
    await Promise.all([stream.close(), stream.close()])
    const signal = new AbortController().signal
    await expect(stream.run(async () => undefined, { signal })).rejects.toMatchObject({ code: 'SY_CLUSTER_CLOSED' })
  })

  test('a close does not wait longer than its limit for a broker that does not answer', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(3))
    const reader = await read(broker, { closeLimitMs: 300 })
    await until(() => committed(broker) === 3n)
    broker.freeze()
    const startedAt = performance.now()
    await reader.stream.close()
    await reader.run
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    await until(() => broker.connections === 0, 1_000)
  })

  test('a stop does not wait longer than the limit for a broker that does not answer', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    const reader = await read(broker, { closeLimitMs: 300 })
    await until(() => broker.requests('Fetch') > 0)
    broker.freeze()
    const startedAt = performance.now()
    await reader.stop()
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    await until(() => broker.connections === 0, 1_000)
  })

  test('a close gives a batch that hangs up after its limit, and commits nothing of it', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(3))
    const door = gate()
    let isOurs: (() => boolean) | undefined
    const reader = await read(broker, {
      closeLimitMs: 200,
      inBatch: async (_batch, claim) => {
        isOurs = () => claim.isOurs()
        await door.passed
      },
    })
    await until(() => isOurs !== undefined)
    expect(isOurs?.()).toBe(true)
    await reader.stream.close()
    await expect(reader.run).rejects.toMatchObject({ code: 'SY_INTERRUPTED' })
    expect(isOurs?.()).toBe(false)
    door.open()
    await until(() => reader.taken[0]?.length === 3)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(broker.commits).toEqual([])
  })
})
