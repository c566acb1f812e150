import type { JobQueue } from 'shardyard/src/pipeline/jobs/job-queue'
import { claimOne, jobOf, LEASE_MS, QUEUES, type QueueHome } from './queues'

const ERROR = { code: 'ERROR', message: 'It broke.' }
const work = (data: number | string) => ({ kind: 'work', data })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Until the lease of a lost worker has run out and an engine has noticed. */
const LOST_MS = LEASE_MS * 8

describe.each(QUEUES)('a queue on $name', (engine) => {
  let home: QueueHome
  let queue: JobQueue
  beforeAll(async () => {
    home = await engine.makeHome('jobs')
  })
  beforeEach(async () => {
    await home.clear()
    queue = await home.open()
  })
  afterEach(() => queue.close())
  afterAll(() => home.close())

  const claimAll = async () => {
    const claims = []
    for (;;) {
      const some = await queue.claim('test', 10)
      if (some.length === 0) return claims
      claims.push(...some)
    }
  }
  const stateOf = async (id: string) => (await jobOf(queue, id)).state

  test('gives jobs in the order in which they were stored, each to one worker', async () => {
    await queue.enqueueMany([1, 2, 3].map(work))
    await queue.enqueue(work(4))
    const other = await home.open()
    const claims = [...(await queue.claim('a', 2)), ...(await other.claim('b', 5))]
    await other.close()
    expect(claims.map(({ job }) => job.data)).toEqual([1, 2, 3, 4])
    expect(await queue.claim('a', 1)).toEqual([])
  })

  test('gives no job to two of many workers that ask at once', async () => {
    const ids = await queue.enqueueMany(Array.from({ length: 60 }, (_, index) => work(index)))
    const workers = await Promise.all([1, 2, 3, 4].map(() => home.open()))
    const taken = await Promise.all(
      workers.map(async (worker) => {
        const seen: string[] = []
        for (;;) {
          const claims = await worker.claim('one of many', 3)
          if (claims.length === 0) return seen
          for (const claim of claims) {
            await worker.complete(claim, null)
            seen.push(claim.job.id)
          }
        }
      }),
    )
    expect(taken.flat().toSorted()).toEqual(ids.toSorted())
    await Promise.all(workers.map((worker) => worker.close()))
  })

  test('keeps what a job is and what became of it', async () => {
    const data = { name: 'Çağla 🙂', list: [1, 2.5, null, true, { deep: '\u0000"' }] }
    const id = await queue.enqueue({ kind: 'work', data, key: 'k', attempts: 5 })
    expect(await jobOf(queue, id)).toMatchObject({
      id,
      kind: 'work',
      key: 'k',
      data,
      state: 'pending',
      attempts: 5,
      fence: 0,
    })
    const claim = await claimOne(queue)
    expect(claim.job).toMatchObject({ id, data, state: 'running', fence: 1 })
    await queue.renew(claim, { done: 1, total: 2, note: 'half' })
    expect(await jobOf(queue, id)).toMatchObject({ state: 'running', progress: { done: 1, total: 2, note: 'half' } })
    await queue.complete(claim, { rows: 3 })
    const { result, finishedAt, startedAt, ...job } = await jobOf(queue, id)
    expect([job.state, result, job.failures, job.crashes]).toEqual(['complete', { rows: 3 }, 0, 0])
    expect(finishedAt?.getTime()).toBeGreaterThanOrEqual(startedAt?.getTime() ?? Infinity)
  })

  test('gives a delayed job when its time has come, and others before it', async () => {
    await queue.enqueue({ ...work('late'), delayMs: 300 })
    await queue.enqueue(work('now'))
    const claims = await claimAll()
    expect(claims.map(({ job }) => job.data)).toEqual(['now'])
    for (const claim of claims) await queue.complete(claim, null)
    expect((await claimOne(queue, 1_000)).job.data).toBe('late')
  })

  test('tries a job again after each error, resting longer, until its attempts are used up', async () => {
    const id = await queue.enqueue({ ...work(1), attempts: 3, backoffMs: 100 })
    const states = [await queue.fail(await claimOne(queue), ERROR)]
    expect([await stateOf(id), await queue.claim('test', 1)]).toEqual(['pending', []])
    states.push(await queue.fail(await claimOne(queue, 2_000), { ...ERROR, message: 'Twice.' }))
    const between = performance.now()
    const last = await claimOne(queue, 2_000)
    expect(performance.now() - between).toBeGreaterThanOrEqual(90)
    expect(last.job).toMatchObject({ failures: 2, crashes: 0, fence: 3, error: { message: 'Twice.' } })
    states.push(await queue.fail(last, ERROR))
    expect(states).toEqual(['pending', 'pending', 'failed'])
    expect(await jobOf(queue, id)).toMatchObject({ state: 'failed', failures: 3, error: ERROR })
  })

  test('ends a job at its first error when it must not be tried again', async () => {
    const id = await queue.enqueue(work(1))
    expect(await queue.fail(await claimOne(queue), ERROR, { mayRetry: false })).toBe('failed')
    expect([await stateOf(id), await queue.claim('test', 1)]).toEqual(['failed', []])
  })

  test('runs a failed job anew when it is retried, and no other', async () => {
    const id = await queue.enqueue({ ...work(1), attempts: 1 })
    await expect(queue.retry(id)).rejects.toMatchObject({ code: 'SY_JOB_STATE' })
    await queue.fail(await claimOne(queue), ERROR)
    await queue.retry(id)
    const claim = await claimOne(queue)
    expect(claim.job).toMatchObject({ id, failures: 0, fence: 2 })
    await queue.complete(claim, null)
    await expect(queue.retry(id)).rejects.toMatchObject({ code: 'SY_JOB_STATE' })
    await expect(queue.retry('jno')).rejects.toMatchObject({ code: 'SY_JOB_UNKNOWN' })
  })

  test('stores a job once under its key, also from two at once, and after its end', async () => {
    const other = await home.open()
    const keyed = { ...work('first'), key: 'the same' }
    const ids = await Promise.all([queue, other, queue, other].map((one) => one.enqueue(keyed)))
    await other.close()
    expect(new Set(ids).size).toBe(1)
    const [claim, ...more] = await claimAll()
    expect(more).toEqual([])
    if (claim !== undefined) await queue.complete(claim, 1)
    expect(await queue.enqueueMany([keyed, { ...keyed, data: 'second' }])).toEqual([ids[0], ids[0]])
    expect(await queue.enqueue({ ...keyed, kind: 'other' })).not.toBe(ids[0])
    expect(await jobOf(queue, ids[0] ?? '')).toMatchObject({ state: 'complete', data: 'first' })
  })

  test('cancels a pending job at once', async () => {
    const ids = await queue.enqueueMany([work(1), { ...work(2), delayMs: 60_000 }])
    for (const id of ids) expect(await queue.cancel(id)).toBe('cancelled')
    expect(await claimAll()).toEqual([])
    expect(await Promise.all(ids.map(stateOf))).toEqual(['cancelled', 'cancelled'])
    await expect(queue.cancel(ids[0] ?? '')).rejects.toMatchObject({ code: 'SY_JOB_STATE' })
    await queue.retry(ids[1] ?? '')
    expect((await claimOne(queue)).job).toMatchObject({ data: 2, isCancelRequested: false })
  })

  test('asks a running job to stop, and has it cancelled when it does', async () => {
    const id = await queue.enqueue(work(1))
    const claim = await claimOne(queue)
    expect(await queue.renew(claim)).toEqual({ isCancelRequested: false })
    expect(await queue.cancel(id)).toBe('running')
    expect(await queue.renew(claim)).toEqual({ isCancelRequested: true })
    await queue.stopped(claim)
    expect(await stateOf(id)).toBe('cancelled')
    expect(await claimAll()).toEqual([])
  })

  test('takes a job back that is handed back, without counting anything', async () => {
    await queue.enqueue(work(1))
    await queue.release(await claimOne(queue))
    expect((await claimOne(queue)).job).toMatchObject({ fence: 2, failures: 0, crashes: 0 })
  })

  test('gives a job to another worker when the lease runs out, and refuses every word of the first', async () => {
    const id = await queue.enqueue(work(1))
    const late = await claimOne(queue)
    const second = await claimOne(queue, LOST_MS, 'second')
    expect(second.job).toMatchObject({ id, fence: 2, failures: 0, crashes: 1 })
    const lost = { code: 'SY_JOB_LOST' }
    await expect(queue.renew(late, { done: 9 })).rejects.toMatchObject(lost)
    await expect(queue.complete(late, 'late')).rejects.toMatchObject(lost)
    await expect(queue.fail(late, ERROR)).rejects.toMatchObject(lost)
    await expect(queue.fail(late, ERROR, { mayRetry: false })).rejects.toMatchObject(lost)
    await expect(queue.release(late)).rejects.toMatchObject(lost)
    await expect(queue.stopped(late)).rejects.toMatchObject(lost)
    await expect(queue.spawn(late, [work(2)], 'fail')).rejects.toMatchObject(lost)
    await queue.renew(second, { done: 1 })
    await queue.complete(second, 'second')
    expect(await jobOf(queue, id)).toMatchObject({ state: 'complete', result: 'second', progress: { done: 1 } })
    expect(await claimAll()).toEqual([])
  })

  test('leaves a job with its worker as long as that renews the lease', async () => {
    await queue.enqueue(work(1))
    const claim = await claimOne(queue)
    for (let beats = 0; beats < 7; beats++) {
      await pause(LEASE_MS / 4)
      await queue.renew(claim)
      expect(await queue.claim('other', 1)).toEqual([])
    }
    await queue.complete(claim, null)
  })

  test('does not mind when the clock of a worker jumps', async () => {
    const id = await queue.enqueue(work(1))
    const claim = await claimOne(queue)
    const realNow = Date.now
    try {
      for (const jumpMs of [3_600_000, -86_400_000]) {
        Date.now = () => realNow() + jumpMs
        await queue.renew(claim)
        expect(await queue.claim('other', 1)).toEqual([])
        expect(await queue.prune()).toBe(0)
      }
      await queue.complete(claim, null)
    } finally {
      Date.now = realNow
    }
    expect(await stateOf(id)).toBe('complete')
  })

  test('fails a job that takes one worker after the other with it', async () => {
    const strict = await home.open({ crashesMax: 2 })
    const id = await strict.enqueue({ ...work(1), attempts: 10 })
    await claimOne(strict)
    await claimOne(strict, LOST_MS)
    const endsAt = performance.now() + LOST_MS
    while ((await stateOf(id)) !== 'failed' && performance.now() < endsAt)
      expect(await strict.claim('x', 1)).toEqual([])
    expect(await jobOf(strict, id)).toMatchObject({
      state: 'failed',
      crashes: 2,
      failures: 0,
      error: { code: 'JOB_KILLS_WORKER' },
    })
    await strict.close()
  })

  test('lists jobs page by page, newest first, and by state', async () => {
    const ids = await queue.enqueueMany([1, 2, 3, 4, 5].map(work))
    await queue.complete(await claimOne(queue), null)
    const seen: string[] = []
    let after: string | undefined
    do {
      const { jobs, next } = await queue.list({ limit: 2, ...(after === undefined ? {} : { after }) })
      seen.push(...jobs.map(({ id }) => id))
      after = next
    } while (after !== undefined)
    expect(seen).toEqual([...ids].toReversed())
    expect((await queue.list({ state: 'complete' })).jobs.map(({ id }) => id)).toEqual([ids[0]])
    expect(await queue.counts()).toEqual({ pending: 4, running: 0, complete: 1, failed: 0, cancelled: 0 })
  })

  test('lists jobs of some kinds, page by page', async () => {
    const kinds = ['mail', 'report', 'mail', 'work', 'mail']
    const ids = await queue.enqueueMany(kinds.map((kind) => ({ kind, data: null })))
    const first = await queue.list({ kinds: ['mail', 'report'], limit: 2 })
    const second = await queue.list({ kinds: ['mail', 'report'], after: String(first.next) })
    expect([...first.jobs, ...second.jobs].map(({ id }) => id)).toEqual([ids[4], ids[2], ids[1], ids[0]])
    expect(second.next).toBeUndefined()
  })

  test('keeps all that a worker tells of its progress, also what belongs to loads', async () => {
    const id = await queue.enqueue(work(1))
    const progress = { done: 5, total: 9, run: 'run1', rejected: 1, recordsPerSecond: 250 }
    await queue.renew(await claimOne(queue), progress)
    expect((await queue.show(id))?.progress).toEqual(progress)
  })

  test('removes finished jobs that have been kept long enough, and no others', async () => {
    const short = await home.open({ keepMs: 0 })
    const [complete = '', failed = '', pending = ''] = await short.enqueueMany([1, 2, 3].map(work))
    await short.complete(await claimOne(short), null)
    await short.fail(await claimOne(short), ERROR, { mayRetry: false })
    expect(await queue.prune()).toBe(0)
    await pause(5)
    expect(await short.prune()).toBe(2)
    expect(await Promise.all([complete, failed, pending].map(async (id) => (await short.show(id))?.state))).toEqual([
      undefined,
      undefined,
      'pending',
    ])
    await short.close()
  })

  test('refuses a job that is no plain JSON, too large, or has a wrong name or key', async () => {
    const wrong = { code: 'SY_OPTION_INVALID' }
    for (const data of [undefined, new Date(0), { a: undefined }, NaN, 1n, 'x'.repeat(70_000)]) {
      await expect(queue.enqueue({ kind: 'work', data: data as never })).rejects.toMatchObject(wrong)
    }
    for (const kind of ['', 'Work', 'a b', 'x'.repeat(41)]) {
      await expect(queue.enqueue({ kind, data: 1 })).rejects.toMatchObject(wrong)
    }
    await expect(queue.enqueue({ ...work(1), key: 'a\nb' })).rejects.toMatchObject(wrong)
    await expect(queue.enqueueMany([work(1), { ...work(2), attempts: 0 }])).rejects.toMatchObject(wrong)
    expect((await queue.list()).jobs).toEqual([])
    await queue.enqueue(work(1))
    await expect(queue.complete(await claimOne(queue), 'x'.repeat(70_000))).rejects.toMatchObject(wrong)
  })

  test('stores 10,000 jobs at once, each of them once', async () => {
    const ids = await queue.enqueueMany(Array.from({ length: 10_000 }, (_, index) => work(index)))
    expect(new Set(ids).size).toBe(10_000)
    expect((await queue.counts()).pending).toBe(10_000)
    expect((await queue.claim('test', 3)).map(({ job }) => job.data)).toEqual([0, 1, 2])
  })
})
