import type { ChildRule } from 'shardyard/src/pipeline/jobs/job'
import type { JobQueue } from 'shardyard/src/pipeline/jobs/job-queue'
import { claimOne, jobOf, QUEUES, type QueueHome } from './queues'

const ERROR = { code: 'ERROR', message: 'It broke.' }
const child = (data: number) => ({ kind: 'part', data })
const family = (onChildFailure: ChildRule) => ({
  kind: 'whole',
  data: 'parent',
  onChildFailure,
  children: [1, 2, 3].map(child),
})

describe.each(QUEUES)('a parent on $name', (engine) => {
  let home: QueueHome
  let queue: JobQueue
  beforeAll(async () => {
    home = await engine.makeHome('children')
  })
  beforeEach(async () => {
    await home.clear()
    queue = await home.open()
  })
  afterEach(() => queue.close())
  afterAll(() => home.close())

  /** Runs what is due to its end; the handler of a test says which part fails. */
  const runAll = async (failing: readonly number[] = []) => {
    const order: unknown[] = []
    for (;;) {
      const [claim] = await queue.claim('test', 1)
      if (claim === undefined) return order
      order.push(claim.job.data)
      if (failing.includes(Number(claim.job.data))) await queue.fail(claim, ERROR, { mayRetry: false })
      else await queue.complete(claim, `done ${String(claim.job.data)}`)
    }
  }

  test('is run when all its children are complete, and finds their results in their order', async () => {
    const id = await queue.enqueue(family('fail'))
    expect(await jobOf(queue, id)).toMatchObject({ state: 'pending', waitsFor: 3 })
    expect(await runAll()).toEqual([1, 2, 3, 'parent'])
    expect((await queue.children(id)).map(({ parent, result }) => [parent, result])).toEqual([
      [id, 'done 1'],
      [id, 'done 2'],
      [id, 'done 3'],
    ])
  })

  test('fails with a child by the rule "fail", without being run; the other children go on', async () => {
    const id = await queue.enqueue(family('fail'))
    expect(await runAll([2])).toEqual([1, 2, 3])
    expect(await jobOf(queue, id)).toMatchObject({ state: 'failed', error: { code: 'JOB_CHILD_FAILED' } })
    expect((await queue.children(id)).map(({ state }) => state)).toEqual(['complete', 'failed', 'complete'])
  })

  test('is run after the others by the rule "ignore"', async () => {
    const id = await queue.enqueue(family('ignore'))
    expect(await runAll([1, 2])).toEqual([1, 2, 3, 'parent'])
    expect((await jobOf(queue, id)).state).toBe('complete')
    expect((await queue.children(id)).map(({ state }) => state)).toEqual(['failed', 'failed', 'complete'])
  })

  test('is run at once by the rule "go-on"', async () => {
    const id = await queue.enqueue(family('go-on'))
    await queue.fail(await claimOne(queue), ERROR, { mayRetry: false })
    expect(new Set(await runAll())).toEqual(new Set([2, 3, 'parent']))
    expect((await jobOf(queue, id)).state).toBe('complete')
  })

  test('fails with the child of its child', async () => {
    const id = await queue.enqueue({ kind: 'top', data: 'top', children: [family('fail')] })
    expect(await runAll([3])).toEqual([1, 2, 3])
    expect((await jobOf(queue, id)).state).toBe('failed')
  })

  test('goes with its children when it is cancelled', async () => {
    const id = await queue.enqueue(family('ignore'))
    const claim = await claimOne(queue)
    expect(await queue.cancel(id)).toBe('cancelled')
    expect(await queue.renew(claim)).toEqual({ isCancelRequested: true })
    await queue.stopped(claim)
    expect(await runAll()).toEqual([])
    expect((await queue.children(id)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  })

  test('is told of a cancelled child as of a failed one', async () => {
    const id = await queue.enqueue(family('ignore'))
    const [first] = await queue.children(id)
    await queue.cancel(first?.id ?? '')
    expect(await runAll()).toEqual([2, 3, 'parent'])
  })

  test('that makes its children while it runs is run again when they have settled', async () => {
    const id = await queue.enqueue({ kind: 'whole', data: 'parent' })
    await queue.spawn(await claimOne(queue), [1, 2].map(child), 'ignore')
    expect(await jobOf(queue, id)).toMatchObject({ state: 'pending', waitsFor: 2 })
    expect(await runAll([2])).toEqual([1, 2, 'parent'])
    expect(await jobOf(queue, id)).toMatchObject({ state: 'complete', fence: 2, failures: 0, crashes: 0 })
    expect((await queue.children(id)).map(({ result }) => result)).toEqual(['done 1', undefined])
  })

  test('fails when a child fails that it made while it ran, by the rule "fail"', async () => {
    const id = await queue.enqueue({ kind: 'whole', data: 'parent' })
    await queue.spawn(await claimOne(queue), [1, 2].map(child), 'fail')
    expect(await runAll([1])).toEqual([1, 2])
    expect((await jobOf(queue, id)).state).toBe('failed')
  })

  test('is stored once with its children under its key', async () => {
    const keyed = { ...family('fail'), key: 'once' }
    const [id, same] = [await queue.enqueue(keyed), await queue.enqueue(keyed)]
    expect(same).toBe(id)
    expect(await runAll()).toEqual([1, 2, 3, 'parent'])
    await queue.enqueue(keyed)
    expect([await runAll(), (await queue.children(id)).length]).toEqual([[], 3])
    expect((await jobOf(queue, id)).state).toBe('complete')
  })

  test('waits again for a child that is retried while it still waits', async () => {
    const id = await queue.enqueue(family('ignore'))
    const failed = await claimOne(queue)
    await queue.fail(failed, ERROR, { mayRetry: false })
    await queue.retry(failed.job.id)
    expect(await runAll()).toEqual([2, 3, 1, 'parent'])
    expect(await jobOf(queue, id)).toMatchObject({ state: 'complete', fence: 1 })
  })

  test('that is retried is run after those of its children that had failed', async () => {
    const id = await queue.enqueue(family('fail'))
    await runAll([2])
    await queue.retry(id)
    const again = await claimOne(queue)
    expect([again.job.data, await queue.claim('other', 1)]).toEqual([2, []])
    await queue.complete(again, 'done 2')
    expect(await runAll()).toEqual(['parent'])
    expect((await jobOf(queue, id)).state).toBe('complete')
    expect((await queue.children(id)).map(({ state }) => state)).toEqual(['complete', 'complete', 'complete'])
  })
})
