import { Redis } from 'ioredis'
import { openBullmqQueue } from 'shardyard/src/pipeline/jobs/bullmq-queue'
import type { JobQueue } from 'shardyard/src/pipeline/jobs/job-queue'
import { removeAtEnd } from '../helpers/cleanup'
import { OwnRedis, REDIS_BINARY } from '../helpers/own-redis'
import { TcpProxy } from '../helpers/tcp-proxy'
import { claimOne, LEASE_MS, QUEUES, redisUrl, untilState, type QueueEngine } from '../pipeline/jobs/queues'
import { WorkerProcess } from '../pipeline/jobs/worker'

jest.setTimeout(120_000)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const works = (count: number) => Array.from({ length: count }, (_, data) => ({ kind: 'work', data }))

async function openOwn(redis: OwnRedis): Promise<{ readonly queue: JobQueue; readonly client: Redis }> {
  const queue = await openBullmqQueue(redis.url, { leaseMs: LEASE_MS })
  const client = new Redis(redis.url)
  // A server that is frozen or killed on purpose is no news.
  client.on('error', () => undefined)
  removeAtEnd(() => queue.close())
  removeAtEnd(async () => client.disconnect())
  return { queue, client }
}

/** Does what is due, until nothing is. */
async function drain(queue: JobQueue): Promise<string[]> {
  const done: string[] = []
  for (let idle = 0; idle < 20; ) {
    const [claim] = await queue.claim('test', 1)
    if (claim === undefined) {
      idle += 1
      await pause(50)
      continue
    }
    idle = 0
    done.push(claim.job.id)
    await queue.complete(claim, 'done')
  }
  return done
}

const onRedis = REDIS_BINARY === undefined ? describe.skip : describe

onRedis('a queue on a Redis server', () => {
  test('whose data somebody removes (FLUSHALL) begins anew; the worker of a job is told', async () => {
    const { queue, client } = await openOwn(await OwnRedis.open({ isDurable: true }))
    const [first = ''] = await queue.enqueueMany([{ kind: 'work', data: 0, key: 'nightly' }, ...works(3)])
    const held = await claimOne(queue)
    await client.flushall()
    await expect(queue.renew(held)).rejects.toMatchObject({ code: 'SY_JOB_LOST' })
    await expect(queue.complete(held, 'late')).rejects.toMatchObject({ code: 'SY_JOB_LOST' })
    expect(await queue.counts()).toEqual({ pending: 0, running: 0, complete: 0, failed: 0, cancelled: 0 })
    expect(await queue.enqueue({ kind: 'work', data: 0, key: 'nightly' })).toBe(first)
    const ids = await queue.enqueueMany(works(3))
    expect((await drain(queue)).toSorted()).toEqual([first, ...ids].toSorted())
  })

  test('that has thrown a job away to make room does the others', async () => {
    const { queue, client } = await openOwn(await OwnRedis.open({ isDurable: true }))
    const [gone = '', ...others] = await queue.enqueueMany(works(5))
    await client.del(`shardyard:jobs:${gone}`)
    expect(await queue.show(gone)).toBeUndefined()
    expect((await drain(queue)).toSorted()).toEqual(others.toSorted())
  })

  test('that has thrown a child away leaves its parent waiting, which can be cancelled', async () => {
    const { queue, client } = await openOwn(await OwnRedis.open({ isDurable: true }))
    const parent = await queue.enqueue({ kind: 'work', data: 'parent', children: works(2) })
    const [gone] = await queue.children(parent)
    await client.del(`shardyard:jobs:${gone?.id}`)
    expect(await drain(queue)).toHaveLength(1)
    expect(await queue.show(parent)).toMatchObject({ state: 'pending', waitsFor: 1 })
    expect(await queue.cancel(parent)).toBe('cancelled')
  })

  test('that is full and may throw nothing away refuses jobs, keeps those it has, and goes on with room', async () => {
    const { queue, client } = await openOwn(await OwnRedis.open({ isDurable: true }))
    const ids = await queue.enqueueMany(works(5))
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    await client.config('SET', 'maxmemory', '1')
    await expect(queue.enqueue({ kind: 'work', data: 'more' })).rejects.toMatchObject({ code: 'SY_QUEUE_DOWN' })
    await client.config('SET', 'maxmemory', '0')
    expect((await drain(queue)).toSorted()).toEqual(ids.toSorted())
    expect(await queue.counts()).toMatchObject({ pending: 0, running: 0, complete: 5 })
  })

  test('that freezes is said to be down, and loses nothing when it goes on', async () => {
    const redis = await OwnRedis.open({ isDurable: true })
    const { queue } = await openOwn(redis)
    const ids = await queue.enqueueMany(works(3))
    const held = await claimOne(queue)
    redis.freeze()
    const startedAt = performance.now()
    const more = { kind: 'work', data: 'asked twice', key: 'once' }
    await expect(queue.enqueue(more)).rejects.toMatchObject({ code: 'SY_QUEUE_DOWN' })
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    redis.thaw()
    // Whether the first was stored nobody knows; with a key it does not matter.
    const id = await queue.enqueue(more)
    // The lease ran out while nothing moved: somebody else does the job, and the first is refused.
    expect((await drain(queue)).toSorted()).toEqual([...ids, id].toSorted())
    await expect(queue.complete(held, 'late')).rejects.toMatchObject({ code: 'SY_JOB_LOST' })
    expect(await queue.counts()).toMatchObject({ pending: 0, running: 0, complete: 4 })
  })
})

test('a worker that dies after its children are stored, and before its job waits for them, makes them once', async () => {
  const home = await (QUEUES.find(({ name }) => name === 'redis') as QueueEngine).makeHome('spawn')
  removeAtEnd(() => home.close())
  const queue = await home.open()
  removeAtEnd(() => queue.close())
  const { hostname, port } = new URL(redisUrl())
  let killed: WorkerProcess | undefined
  const proxy = await TcpProxy.open({ host: hostname, port: Number(port) }, (asked, own) => {
    // The children go into Redis in one transaction. Its answer never arrives.
    if (killed === undefined || !/\r\nexec\r\n/i.test(asked)) return
    own.isBlocked = true
    killed.process.kill('SIGKILL')
  })
  const parent = await queue.enqueue({ kind: 'spread', data: 2 })
  killed = WorkerProcess.start({ ...home.address(), url: `redis://127.0.0.1:${proxy.port}` })
  expect(await killed.ended).toEqual([null, 'SIGKILL'])
  expect(killed.kinds()).toEqual(['started'])
  expect(await queue.children(parent)).toHaveLength(2)
  expect(await queue.show(parent)).toMatchObject({ state: 'running' })
  const next = WorkerProcess.start(home.address())
  expect(await untilState(queue, parent, 'complete')).toMatchObject({ result: ['complete', 'complete'], crashes: 1 })
  expect(await queue.counts()).toEqual({ pending: 0, running: 0, complete: 3, failed: 0, cancelled: 0 })
  await next.kill()
})
