import { Membership } from 'shardyard/src/pipeline/streams/membership'
import { PartitionWork, type PartitionWorkOptions } from 'shardyard/src/pipeline/streams/partition-work'
import type { FetchedBatch } from '../../../src/pipeline/streams/group-consumer'
import { gate } from './stream-reader'

function batchOf(offsets: readonly bigint[], rest: Partial<FetchedBatch> = {}): FetchedBatch {
  const messages = offsets.map((offset) => ({ offset, key: null, value: null, timestamp: new Date(0) }))
  return {
    topic: 'rows',
    partition: 0,
    messages,
    endOffset: (offsets.at(-1) ?? 0n) + 1n,
    highWatermark: 100n,
    heartbeat: async () => undefined,
    commit: async () => undefined,
    goOnAt: () => undefined,
    pause: () => () => undefined,
    isLoss: () => false,
    ...rest,
  }
}

function workOf(options: Partial<PartitionWorkOptions>): PartitionWork {
  const membership = new Membership(60_000)
  membership.join([0, 1])
  return new PartitionWork({
    take: async () => undefined,
    membership,
    stopping: new AbortController().signal,
    emit: () => undefined,
    batchMax: 10,
    beatMs: 1_000,
    retryMs: 10,
    ...options,
  })
}

describe('work on partitions', () => {
  test('never has one partition twice (1), and others beside it', async () => {
    const door = gate()
    const log: string[] = []
    const take: PartitionWorkOptions['take'] = async ({ partition, messages }) => {
      log.push(`${partition}: ${messages[0]?.offset} begins`)
      if (messages[0]?.offset === 0n) await door.passed
      log.push(`${partition}: ${messages[0]?.offset} ends`)
    }
    const work = workOf({ take })
    const all = [batchOf([0n]), batchOf([5n]), batchOf([7n], { partition: 1 })].map((batch) => work.process(batch))
    await all[2]
    expect(work.isIdle).toBe(false)
    door.open()
    await Promise.all(all)
    expect(work.isIdle).toBe(true)
    expect(log).toEqual(['0: 0 begins', '1: 7 begins', '1: 7 ends', '0: 0 ends', '0: 5 begins', '0: 5 ends'])
  })

  test('goes on behind what is no message at the end of a batch, but not in its middle', async () => {
    const [committed, reached] = [[] as bigint[], [] as bigint[]]
    const batch = batchOf([3n, 4n, 9n], {
      endOffset: 12n,
      commit: async (offset) => void committed.push(offset),
      goOnAt: (offset) => void reached.push(offset),
    })
    await workOf({ batchMax: 2 }).process(batch)
    expect(committed).toEqual([5n, 12n])
    expect(reached).toEqual([5n, 12n])
  })

  test('commits again after a failure, and reads on only then (3)', async () => {
    let failuresLeft = 2
    const reached: bigint[] = []
    const commit = async () => {
      expect(reached).toEqual([])
      if (failuresLeft-- > 0) throw new Error('The connection was lost.')
    }
    await workOf({}).process(batchOf([0n], { commit, goOnAt: (offset) => void reached.push(offset) }))
    expect(reached).toEqual([1n])
  })

  test('commits nothing in a generation that is not its own (2)', async () => {
    const membership = new Membership(60_000)
    membership.join([0])
    const commits: bigint[] = []
    const commit = async (offset: bigint) => {
      commits.push(offset)
      membership.join([0])
      throw new Error('The connection was lost.')
    }
    const events: string[] = []
    const work = workOf({ membership, emit: ({ kind }) => void events.push(kind) })
    await expect(work.process(batchOf([0n], { commit }))).rejects.toThrow('The connection was lost.')
    expect(commits).toEqual([1n])
    expect(events).toEqual(['lag', 'left-uncommitted'])
  })

  test('throws what a heartbeat has said of the loss, so that the group is joined again', async () => {
    const loss = new Error('The group is rebalancing.')
    const door = gate()
    const heartbeat = async () => {
      door.open()
      throw loss
    }
    const work = workOf({ beatMs: 5, take: () => door.passed })
    await expect(work.process(batchOf([0n], { heartbeat }))).rejects.toBe(loss)
  })
})
