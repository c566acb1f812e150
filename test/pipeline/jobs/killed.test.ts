import type { JobQueue } from 'shardyard/src/pipeline/jobs/job-queue'
import { claimOne, jobOf, LEASE_MS, QUEUES, untilState, type QueueHome } from './queues'
import { WorkerProcess } from './worker'

/** Processes take long to start; what does not depend on the engine's SQL is tested on these. */
const SOME: readonly string[] = ['sqlite']

describe.each(QUEUES)('a worker process on $name', (engine) => {
  let home: QueueHome
  let queue: JobQueue
  beforeAll(async () => {
    home = await engine.makeHome('killed')
  })
  beforeEach(async () => {
    await home.clear()
    queue = await home.open()
  })
  afterEach(() => queue.close())
  afterAll(() => home.close())

  test('that is killed in the middle of a job leaves it to the next, which ends it', async () => {
    const id = await queue.enqueue({ kind: 'hang', data: 1 })
    const worker = WorkerProcess.start(home.address())
    await worker.told('started')
    await worker.kill()
    expect(await queue.claim('early', 1)).toEqual([])
    const claim = await claimOne(queue, LEASE_MS * 8)
    expect(claim.job).toMatchObject({ id, fence: 2, crashes: 1, failures: 0 })
    await queue.complete(claim, 'by the next')
    expect(await jobOf(queue, id)).toMatchObject({ state: 'complete', result: 'by the next' })
  })

  test('that was blocked beyond the lease finds its job with another, and changes nothing', async () => {
    const id = await queue.enqueue({ kind: 'block', data: LEASE_MS * 4 })
    const worker = WorkerProcess.start(home.address())
    await worker.told('started')
    const claim = await claimOne(queue, LEASE_MS * 8)
    await queue.complete(claim, 'in time')
    await worker.told('lost')
    expect(worker.kinds()).toEqual(['started', 'lost'])
    expect(await jobOf(queue, id)).toMatchObject({ state: 'complete', result: 'in time', fence: 2, crashes: 1 })
  })

  if (SOME.includes(engine.name)) {
    test('does not die of a job for ever: what has killed two is failed', async () => {
      const id = await queue.enqueue({ kind: 'die', data: 1, attempts: 10 })
      for (let times = 0; times < 2; times++) {
        expect(await WorkerProcess.start(home.address(), { crashesMax: 2 }).ended).toEqual([null, 'SIGKILL'])
      }
      const survivor = WorkerProcess.start(home.address(), { crashesMax: 2 })
      const job = await untilState(queue, id, 'failed')
      expect(job).toMatchObject({ crashes: 2, failures: 0, error: { code: 'JOB_KILLS_WORKER' } })
      expect(survivor.kinds()).toEqual([])
    })

    test('hands its job back on SIGTERM, and ends', async () => {
      const id = await queue.enqueue({ kind: 'hang', data: 1 })
      const worker = WorkerProcess.start(home.address())
      await worker.told('started')
      worker.process.kill('SIGTERM')
      expect(await worker.ended).toEqual([0, null])
      expect((await claimOne(queue)).job).toMatchObject({ id, fence: 2, crashes: 0, failures: 0 })
    })
  }
})
