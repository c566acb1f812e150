import { OwnRedis, REDIS_BINARY } from '../helpers/own-redis'
import { openBullmqQueue } from 'shardyard/src/pipeline/jobs/bullmq-queue'
import { playHistories } from '../pipeline/jobs/job-model'
import { QUEUES } from '../pipeline/jobs/queues'
import { WorkerProcess } from '../pipeline/jobs/worker'

jest.setTimeout(180_000)

const JOBS = 60
const KILLS = 12
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test.each(QUEUES)(
  'every job on $name is done once and for all while its workers are killed again and again',
  async (engine) => {
    const home = await engine.makeHome('sweep')
    const queue = await home.open()
    const data = Array.from({ length: JOBS }, (_, index) => ({
      kind: 'slow',
      data: 50 + (index % 7) * 60,
      attempts: 1,
    }))
    const ids = await queue.enqueueMany(data)
    const parent = await queue.enqueue({ kind: 'work', data: 'parent', children: data.slice(0, 10) })
    const start = () => WorkerProcess.start(home.address(), { crashesMax: 1_000, concurrency: 3 })
    const workers = [start(), start()]
    for (let kills = 0; kills < KILLS; kills++) {
      const at = kills % workers.length
      // In the middle of a job, unless the others have left it none.
      await Promise.race([workers[at]?.told('started').catch(() => undefined), pause(5_000)])
      await pause(Math.random() * 150)
      await workers[at]?.kill()
      workers[at] = start()
    }
    for (;;) {
      const { pending, running } = await queue.counts()
      if (pending + running === 0) break
      await pause(100)
    }
    expect(await queue.counts()).toEqual({ pending: 0, running: 0, complete: JOBS + 11, failed: 0, cancelled: 0 })
    const jobs = await Promise.all([...ids, parent].map((id) => queue.show(id)))
    expect(jobs.map((job) => job?.failures)).toEqual(Array(JOBS + 1).fill(0))
    expect(jobs.reduce((sum, job) => sum + (job?.crashes ?? 0), 0)).toBeGreaterThan(0)
    for (const job of jobs) expect(job?.fence).toBe(1 + (job?.crashes ?? 0))
    await Promise.all(workers.map((worker) => worker.kill()))
    await queue.close()
    await home.close()
  },
)

const onRedis = REDIS_BINARY === undefined ? test.skip : test

onRedis('no acknowledged job is lost by a Redis that writes to disk, killed while jobs are stored', async () => {
  const redis = await OwnRedis.open({ isDurable: true })
  const queue = await openBullmqQueue(redis.url)
  const acknowledged: string[] = []
  const over = new AbortController()
  const produce = async () => {
    for (let data = 0; !over.signal.aborted; data++) {
      const id = await queue.enqueue({ kind: 'work', data }).catch(() => undefined)
      if (id !== undefined) acknowledged.push(id)
      else await pause(20)
    }
  }
  const producing = produce()
  for (let kills = 0; kills < 5; kills++) {
    // However slow the disk is, there is something to lose.
    for (const enough = acknowledged.length + 30; acknowledged.length < enough; ) await pause(10)
    await pause(Math.random() * 500)
    await redis.kill()
    await redis.start()
  }
  for (const enough = acknowledged.length + 30; acknowledged.length < enough; ) await pause(10)
  over.abort()
  await producing
  const jobs = await Promise.all(acknowledged.map((id) => queue.show(id)))
  expect(jobs.filter((job) => job?.state !== 'pending')).toEqual([])
  await queue.close()
})

test('300 histories of jobs are as the table of states says', async () => {
  const home = await (QUEUES[0] as NonNullable<(typeof QUEUES)[0]>).makeHome('histories')
  await playHistories(home, 300)
  await home.close()
})
