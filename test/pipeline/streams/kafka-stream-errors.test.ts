import { ERRORS, type ApiName } from '../../helpers/kafka/api'
import { KafkaBroker } from '../../helpers/kafka/kafka-broker'
import { committed, kinds, numbers, read, sessionTimeoutMs, sleep, TOPIC, until, watchCommits } from './stream-reader'

describe('a Kafka stream that gets an error', () => {
  const troubles: [ApiName, keyof typeof ERRORS, number][] = [
    ['OffsetCommit', 'coordinatorNotAvailable', 2],
    ['OffsetCommit', 'notCoordinator', 1],
    ['OffsetCommit', 'rebalanceInProgress', 1],
    ['OffsetCommit', 'illegalGeneration', 1],
    ['OffsetCommit', 'unknownMemberId', 1],
    ['Heartbeat', 'unknownMemberId', 1],
    ['Heartbeat', 'illegalGeneration', 1],
    ['Heartbeat', 'coordinatorNotAvailable', 1],
    ['Fetch', 'notLeaderForPartition', 2],
    ['Fetch', 'unknownTopicOrPartition', 1],
    ['JoinGroup', 'coordinatorNotAvailable', 2],
    ['JoinGroup', 'unknownMemberId', 1],
    ['SyncGroup', 'rebalanceInProgress', 1],
    ['OffsetFetch', 'notCoordinator', 1],
    ['ListOffsets', 'leaderNotAvailable', 1],
    ['FindCoordinator', 'coordinatorNotAvailable', 1],
    ['Metadata', 'leaderNotAvailable', 1],
  ]
  test.each(troubles)('to %s of the kind %s goes on, and leaves nothing out', async (api, error, times) => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(6))
    broker.failNext(api, ERRORS[error], times)
    const reader = await read(broker, { sessionTimeoutMs, batchMax: 2, inBatch: () => sleep(150) })
    const wrong = watchCommits(broker, () => [reader])
    await until(() => committed(broker) === 6n)
    expect([...new Set(reader.taken[0])]).toEqual(numbers(6))
    expect(wrong).toEqual([])
  })

  test('that kafkajs does not try again begins anew with another consumer', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(3))
    broker.failNext('Fetch', -1)
    const reader = await read(broker, { sessionTimeoutMs })
    await until(() => committed(broker) === 3n)
    expect(reader.taken).toEqual([numbers(3)])
    expect(kinds(reader.events, 'waiting-for-stream')).toHaveLength(1)
  })

  test('at every attempt, soon after it has joined the group, ends at last', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.failNext('Fetch', -1, 1_000)
    const reader = await read(broker, { sessionTimeoutMs, waitMs: 500 })
    await expect(reader.run).rejects.toMatchObject({ code: 'SY_STREAM_DOWN' })
    expect(kinds(reader.events, 'joined').length).toBeGreaterThan(1)
  })

  test.each([
    ['JoinGroup', 'groupAuthorizationFailed', 'Have the user allowed to use the group.'],
    ['JoinGroup', 'inconsistentGroupProtocol', 'Other clients use the group in another way; choose another group.'],
    ['Fetch', 'topicAuthorizationFailed', 'Have the user allowed to read the topic.'],
  ] as const)('to %s of the kind %s ends and says what to do', async (api, error, advice) => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.append(TOPIC, 0, numbers(3))
    broker.failNext(api, ERRORS[error], 100)
    const reader = await read(broker, { sessionTimeoutMs })
    await expect(reader.run).rejects.toMatchObject({
      code: 'SY_STREAM_DOWN',
      message: expect.stringMatching(new RegExp(`^Kafka at ${broker.address} refuses topic "rows".+${advice}$`)),
    })
  })
  test('for every question for the coordinator says that the group may be forbidden', async () => {
    const broker = await KafkaBroker.open({ topics: { [TOPIC]: 1 } })
    broker.failNext('FindCoordinator', ERRORS.groupAuthorizationFailed, 100)
    const reader = await read(broker, { sessionTimeoutMs, waitMs: 0 })
    await expect(reader.run).rejects.toMatchObject({
      message: expect.stringContaining('Check that the user may use the group'),
    })
  })
})
