import { Cluster, defineCluster } from 'shardyard'
import { openBullmqQueue } from 'shardyard/src/pipeline/jobs/bullmq-queue'
import { JobRunner, type JobHandler } from 'shardyard/src/pipeline/jobs/job-runner'
import type { JobQueue } from 'shardyard/src/pipeline/jobs/job-queue'
import { removeAtEnd } from '../../helpers/cleanup'
import { OwnRedis, REDIS_BINARY } from '../../helpers/own-redis'
import { claimOne, LEASE_MS } from './queues'

/** How long BullMQ rests after an outage before it looks for lost workers again, and then some. */
const LOOKS_AGAIN_MS = 5_000 + LEASE_MS * 10

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const works = Array.from({ length: 20 }, (_, data) => ({ kind: 'work', data }))

async function openOn(redis: OwnRedis, leaseMs = LEASE_MS): Promise<JobQueue> {
  const queue = await openBullmqQueue(redis.url, { leaseMs })
  removeAtEnd(() => queue.close())
  return queue
}

/** Asks until the queue answers again. */
async function answered<T>(question: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await question()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'SY_QUEUE_DOWN') throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const onRedis = REDIS_BINARY === undefined ? describe.skip : describe

onRedis('a Redis server that is killed and started again', () => {
  test('has every acknowledged job when it writes to disk', async () => {
    const redis = await OwnRedis.open({ isDurable: true })
    const queue = await openOn(redis)
    const ids = await queue.enqueueMany(works)
    const held = await claimOne(queue)
    await redis.kill()
    await expect(queue.enqueue({ kind: 'work', data: 'no' })).rejects.toMatchObject({ code: 'SY_QUEUE_DOWN' })
    await pause(LEASE_MS)
    await redis.start()
    expect(await answered(() => queue.counts())).toMatchObject({ pending: 19, running: 1 })
    // Its lease ran out meanwhile: it is told so, and the job is given to somebody else.
    await expect(queue.complete(held, 'first')).rejects.toMatchObject({ code: 'SY_JOB_LOST' })
    for (const id of ids) await queue.complete(await claimOne(queue, LOOKS_AGAIN_MS), id)
    expect(await queue.counts()).toMatchObject({ pending: 0, running: 0, complete: 20 })
  })

  test('has forgotten every job when it does not; a worker of one is told, and its key is free', async () => {
    const redis = await OwnRedis.open({ isDurable: false })
    const queue = await openOn(redis)
    const job = { kind: 'work', data: 1, key: 'nightly' }
    const id = await queue.enqueue(job)
    const held = await claimOne(queue)
    await redis.kill()
    await redis.start()
    expect((await answered(() => queue.list())).jobs).toEqual([])
    await expect(queue.renew(held)).rejects.toMatchObject({ code: 'SY_JOB_LOST' })
    await expect(queue.complete(held, 'late')).rejects.toMatchObject({ code: 'SY_JOB_LOST' })
    expect(await queue.enqueue(job)).toBe(id)
    await queue.complete(await claimOne(queue), 'anew')
    expect(await queue.show(id)).toMatchObject({ state: 'complete', result: 'anew', fence: 1 })
  })

  test('is waited for by a runner, which then goes on', async () => {
    const redis = await OwnRedis.open({ isDurable: true })
    const [queue, cluster] = [
      await openOn(redis, 3_000),
      await Cluster.open(defineCluster({ databases: {}, placement: [] })),
    ]
    removeAtEnd(() => cluster.close())
    await queue.enqueueMany(works)
    const kinds: string[] = []
    let left = 5
    const work: JobHandler = async ({ job }) => {
      await pause(job.data === 4 ? 100 : 0)
      return job.data
    }
    const runner = new JobRunner(queue, { work }, cluster, {
      pollMs: 20,
      isUntilIdle: true,
      onEvent: ({ kind }) => {
        kinds.push(kind)
        if (kind === 'started' && --left === 0)
          void redis
            .kill()
            .then(() => pause(400))
            .then(() => redis.start())
      },
    })
    await runner.run()
    expect(kinds).toContain('waiting-for-queue')
    expect(await queue.counts()).toMatchObject({ pending: 0, running: 0, complete: 20, failed: 0 })
  })
})

onRedis('a runner that waits for Redis', () => {
  test('ends when it is stopped', async () => {
    const redis = await OwnRedis.open({ isDurable: false })
    const [queue, cluster] = [await openOn(redis), await Cluster.open(defineCluster({ databases: {}, placement: [] }))]
    removeAtEnd(() => cluster.close())
    const stop = new AbortController()
    const onEvent = ({ kind }: { kind: string }) => kind === 'waiting-for-queue' && stop.abort()
    const running = new JobRunner(queue, {}, cluster, { pollMs: 20, signal: stop.signal, onEvent }).run()
    await redis.kill()
    await expect(running).resolves.toBeUndefined()
  })
})

test('a queue on a server that is not there says so', async () => {
  await expect(openBullmqQueue('redis://user:secret@127.0.0.1:1')).rejects.toMatchObject({
    code: 'SY_QUEUE_DOWN',
    message: expect.not.stringContaining('secret') as string,
    details: { kind: 'unavailable' },
  })
})
