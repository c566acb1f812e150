import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  JobRunner,
  openJobQueue,
  type Cluster,
  type Job,
  type JobProgress,
  type JobQueue,
  type NewJob,
} from 'shardyard'
import { Event } from 'shardyard/entities'
import { fittingPreview } from 'shardyard/src/pipeline/jobs/fitting-preview'
import { ingestJob } from 'shardyard/src/pipeline/jobs/ingest-job'
import { jobHandlers } from 'shardyard/src/pipeline/jobs/job-handlers'
import { JobFiles } from 'shardyard/src/pipeline/jobs/job-files'
import { RunStore } from 'shardyard/src/pipeline/runs/run-store'
import { UploadStore } from 'shardyard/src/pipeline/uploads/upload-store'
import { openShippedCluster } from '../../helpers/shipped-cluster'

const HEADER = 'client,metric,amount,timestamp\n'
const linesOf = (count: number, tag: string) =>
  Array.from({ length: count }, (_, index) => `${tag},clicks,${index},2025-01-01T00:00:00Z\n`).join('')

let cluster: Cluster
let queue: JobQueue
let tools: Parameters<typeof jobHandlers>[0]
beforeAll(async () => {
  const opened = await openShippedCluster()
  cluster = opened.cluster
  queue = await openJobQueue(cluster)
  const files = new JobFiles(join(opened.folder, 'files'))
  tools = { queue, files, uploads: new UploadStore({ folder: join(opened.folder, 'uploads') }), roots: {} }
})

async function jobOf(content: string): Promise<NewJob> {
  const { id } = await tools.uploads.save(Readable.from([Buffer.from(content)]), { name: 'events.csv' })
  return ingestJob(cluster, { source: { upload: id }, into: 'Event', threads: 1 }, tools)
}

/** Runs what is stored until nothing is left. */
function runAll(): Promise<void> {
  return new JobRunner(queue, jobHandlers(tools), cluster, { pollMs: 10, isUntilIdle: true }).run()
}

async function shown(id: string): Promise<Job> {
  return (await queue.show(id)) as Job
}

test('a job whose run is complete, of which the queue has not heard, is not loaded once more', async () => {
  const { data } = await jobOf(HEADER + linesOf(3, 'heard'))
  const signal = new AbortController().signal
  const told: JobProgress[] = []
  const run = (progress?: JobProgress) =>
    jobHandlers(tools)['ingest']?.({
      job: { data, progress } as Job,
      cluster,
      signal,
      tell: (one: JobProgress) => void told.push(one),
    } as never)
  const first = await run()
  expect(first).toMatchObject({ run: told.at(-1)?.run, counts: { accepted: 3 } })
  expect(await run(told.at(-1))).toEqual(first)
  expect(await run()).toMatchObject({ counts: { accepted: 0, duplicate: 3 } })
})

test('an ingestion that is cancelled stops where it is, and goes on with its run when it is retried', async () => {
  const id = await queue.enqueue(await jobOf(HEADER + linesOf(25_000, 'cancelled')))
  const running = runAll()
  while ((await shown(id)).progress?.run === undefined) await pause(5)
  await queue.cancel(id)
  await running
  const cancelled = await shown(id)
  const run = String(cancelled.progress?.run)
  expect(cancelled.state).toBe('cancelled')
  expect(await new RunStore(cluster).find(run)).toMatchObject({ state: 'interrupted' })
  await queue.retry(id)
  await runAll()
  expect((await shown(id)).result).toMatchObject({ run, counts: { accepted: 25_000, duplicate: 0 } })
  expect(await cluster.repository(Event).countBy({ client: 'cancelled' })).toBe(25_000)
})

test.each<[string, object]>([
  ['a path', { source: '/etc/passwd', into: 'Event' }],
  ['a path in no root', { source: { root: 'any', path: '../../etc/passwd' }, into: 'Event' }],
  ['an option that is none', { source: { upload: 'u0' }, into: 'Event', options: { config: '/tmp/evil.js' } }],
  ['a number as entity', { source: { upload: 'u0' }, into: 5 }],
  ['nothing', {}],
])('data of a job with %s, put into the queue by somebody else, is refused at once', async (_, data) => {
  const id = await queue.enqueue({ kind: 'ingest', data: data as never })
  await runAll()
  expect(await shown(id)).toMatchObject({ state: 'failed', failures: 1, error: { code: 'SY_OPTION_INVALID' } })
})

test('a preview of a very wide file fits into what a queue keeps', () => {
  const matches = Array.from({ length: 2_000 }, (_, index) => ({
    name: `column ${index}`,
    property: 'client',
    by: 'map',
  }))
  const reasons = Array.from({ length: 50 }, () => ({
    code: 'X',
    field: 'f',
    pointer: '/f',
    message: 'm'.repeat(5_000),
    fix: '',
  }))
  const counts = { accepted: 1, rejected: 20, duplicate: 0, blank: 0, header: 1 }
  const dry = {
    entity: 'Event',
    counts,
    reasons: [],
    changes: [],
    files: [
      {
        title: 'wide.csv',
        sizeBytes: 1,
        records: 22,
        shape: {},
        names: { matches, unused: [], unfed: [], lookalikes: [] },
      },
    ],
    rejects: Array.from({ length: 20 }, (_, line) => ({ file: 'wide.csv', line, reasons })),
  }
  const preview = fittingPreview(dry as never)
  expect(Buffer.byteLength(JSON.stringify(preview))).toBeLessThan(60_001)
  expect(preview).toMatchObject({ counts, files: [{ title: 'wide.csv' }] })
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
