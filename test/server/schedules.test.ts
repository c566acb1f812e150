import { createServer, defineServer, env, openJobQueue, type Cluster, type JobQueue } from 'shardyard'
import { JobFiles } from 'shardyard/src/pipeline/jobs/job-files'
import { JobRunner } from 'shardyard/src/pipeline/jobs/job-runner'
import { retentionJob, upkeepHandlers } from 'shardyard/src/pipeline/jobs/upkeep-jobs'
import { UploadStore } from 'shardyard/src/pipeline/uploads/upload-store'
import { Schedules } from 'shardyard/src/server/schedules'
import type { ScheduleSettings } from '../../src/server/define-server'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'
import { tempFolder } from '../helpers/temp'

let cluster: Cluster
let queue: JobQueue
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
  queue = await openJobQueue(cluster)
})

const retention = (name: string, cron: string, timeZone = 'Europe/Berlin'): ScheduleSettings => ({
  name,
  cron,
  timeZone,
  work: { kind: 'retention' },
})

/** The moments that come after one. */
async function momentsAfter(start: string, cron: string, count: number): Promise<string[]> {
  let now = Date.parse(start)
  const schedules = new Schedules(cluster, [retention('clock', cron)], { environment: {}, now: () => now })
  const moments: string[] = []
  while (moments.length < count) {
    const next = (await schedules.list(queue))[0]?.nextAt
    moments.push(next?.toISOString() ?? 'none')
    now = next?.getTime() ?? Number.NaN
  }
  return moments
}

describe('when clocks change in Berlin', () => {
  test('a time of day that does not exist is taken at the end of the gap', async () => {
    expect(await momentsAfter('2026-03-28T12:00:00Z', '30 2 * * *', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
  })

  test('a time of day that comes twice is taken once', async () => {
    expect(await momentsAfter('2026-10-24T12:00:00Z', '30 2 * * *', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  test('what is to be done each half hour is done each half hour', async () => {
    expect(await momentsAfter('2026-10-25T00:00:00Z', '*/30 * * * *', 4)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ])
  })
})

/** A clock that runs from shortly before a full minute. */
function clockFrom(start: string): { now: () => number; skip: (ms: number) => void } {
  let offset = Date.parse(start) - Date.now()
  return { now: () => Date.now() + offset, skip: (ms) => (offset += ms) }
}

async function keptFor(ms: number, schedules: readonly Schedules[]): Promise<void> {
  const stop = new AbortController()
  const onTrouble = (sentence: string) => {
    throw new Error(sentence)
  }
  const kept = schedules.map((one) => one.run(queue, { signal: stop.signal, onTrouble }))
  await new Promise((resolve) => setTimeout(resolve, ms))
  stop.abort()
  await Promise.all(kept)
}

const keysOf = async (name: string) =>
  (await queue.list({ limit: 100 })).jobs.map(({ key }) => key).filter((key) => key?.startsWith(`${name} `))

test('a moment is one job, however many servers see it come', async () => {
  const { now } = clockFrom('2026-06-01T03:09:59.700Z')
  const servers = [1, 2, 3].map(
    () => new Schedules(cluster, [retention('nightly', '10 3 * * *', 'UTC')], { environment: {}, now }),
  )
  await keptFor(700, servers)
  expect(await keysOf('nightly')).toEqual(['nightly 2026-06-01T03:10:00.000Z'])
  const [told] = (await servers[0]?.list(queue)) ?? []
  expect(told).toMatchObject({ lastState: 'pending', work: 'retention', timeZone: 'UTC' })
  expect(told?.lastAt?.toISOString()).toBe('2026-06-01T03:10:00.000Z')
  expect(told?.nextAt?.toISOString()).toBe('2026-06-02T03:10:00.000Z')
})

test('moments that were slept through are made up for once', async () => {
  const { now, skip } = clockFrom('2026-06-01T10:59:59.600Z')
  const schedules = new Schedules(cluster, [retention('minutely', '* * * * *')], { environment: {}, now })
  setTimeout(() => skip(10 * 60_000), 100)
  await keptFor(800, [schedules])
  expect(await keysOf('minutely')).toEqual(['minutely 2026-06-01T11:00:00.000Z'])
})

test('the jobs of a time-table are run like others, and tell what they did', async () => {
  const folder = await tempFolder('upkeep')
  const own = await openJobQueue((await openShippedCluster()).cluster, { keepMs: 0 })
  const tools = { queue: own, files: new JobFiles(folder), uploads: new UploadStore({ folder: `${folder}/uploads` }) }
  const run = () => new JobRunner(own, upkeepHandlers(tools), cluster, { isUntilIdle: true }).run()
  const rollup = await own.enqueue({ kind: 'rollup', data: {} })
  await run()
  expect((await own.show(rollup))?.result).toEqual({
    rollups: [{ name: 'store-days', rows: 0, says: 'There are no polls.' }],
  })
  const kept = await own.enqueue(retentionJob())
  await run()
  expect((await own.show(kept))?.result).toEqual({ jobs: 1, files: 0, uploads: 0, requests: 0 })
  expect(await own.show(rollup)).toBeUndefined()
})

test.each([
  ['five fields', { cron: '10 3 * *' }],
  ['a minute there is', { cron: '61 3 * * *' }],
  ['no seconds', { cron: '0 10 3 * * *' }],
  ['a zone there is', { timeZone: 'Mars/Base' }],
  ['a name in lower case', { name: 'Nightly!' }],
  ['a roll-up there is', { work: { kind: 'rollup', name: 'none' } as const }],
])('a schedule has %s', (_what, wrong) => {
  const make = () => new Schedules(cluster, [{ ...retention('nightly', '10 3 * * *'), ...wrong }], { environment: {} })
  expect(make).toThrow(expect.objectContaining({ code: 'SY_OPTION_INVALID' }) as Error)
})

test('the server tells its time-table, and its zone may come from the environment', async () => {
  const schedules = [{ ...retention('nightly', '10 3 * * *'), timeZone: env('SHARDYARD_TIME_ZONE', 'UTC') }]
  const { cluster: other } = await openShippedCluster({ server: defineServer({ schedules }) } as never)
  const { ask } = await serve(other, { concurrency: 0, environment: { SHARDYARD_TIME_ZONE: 'Asia/Tokyo' } })
  const { items } = (await ask('/api/v1/schedules')).json<{ items: Record<string, unknown>[] }>()
  expect(items).toMatchObject([
    { name: 'nightly', cron: '10 3 * * *', timeZone: 'Asia/Tokyo', work: 'retention', lastAt: null, lastState: null },
  ])
  expect(String(items[0]?.['nextAt'])).toMatch(/T18:10:00\.000Z$/)
  const wrong = createServer(other, { environment: { SHARDYARD_TIME_ZONE: 'Mars/Base' } })
  await expect(wrong).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
})
