import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { tempFolder } from '../helpers/temp'
import type { Told } from '../server/loading'
import { Processes } from '../server/processes'

jest.setTimeout(400_000)

const RECORDS = 30_000
const isBad = (index: number) => index % 100 === 7
const isTwice = (index: number) => index % 50 === 9
const lineOf = (index: number) => `client ${index % 9},clicks,${isBad(index) ? 'bad' : index},2025-01-01T00:00:00Z\n`
const records = Array.from({ length: RECORDS }, (_, index) => index)
const CONTENT = `client,metric,amount,timestamp\n${records.map((at) => lineOf(at) + (isTwice(at) ? lineOf(at) : '')).join('')}`
const REJECTED = records.filter(isBad).length
const DUPLICATE = records.filter((at) => isTwice(at)).length
const COUNTS = { accepted: RECORDS - REJECTED, rejected: REJECTED, duplicate: DUPLICATE, blank: 0, header: 1 }
const isOver = ({ state }: { readonly state: string }) => state !== 'pending' && state !== 'running'
const hasLoaded = ({ progress }: Told) => Number((progress as { readonly done: number } | null)?.done ?? 0) > 0
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function storedIn(folder: string): { readonly rows: number; readonly runs: readonly string[] } {
  const [events, control] = [
    new Database(join(folder, 'data/events.db')),
    new Database(join(folder, 'data/control.db')),
  ]
  const { rows } = events.prepare('SELECT COUNT(*) AS rows FROM events').get() as { rows: number }
  const runs = control.prepare('SELECT state FROM shardyard_runs ORDER BY id').all() as { state: string }[]
  events.close()
  control.close()
  return { rows, runs: runs.map(({ state }) => state) }
}

/** A body that begins to arrive and is not complete while anybody listens. */
async function* endless(over: AbortSignal): AsyncGenerator<Buffer> {
  while (!over.aborted) {
    yield Buffer.alloc(10_000, 'x')
    await pause(5)
  }
}

test.each([
  ['the server runs the jobs', false],
  ['a worker of its own runs the jobs', true],
])('what was acknowledged is finished exactly once after kill -9 when %s', async (_, hasWorker) => {
  const folder = await tempFolder('killed')
  const processes = new Processes(folder, hasWorker)
  await processes.start()

  const over = new AbortController()
  const arriving = processes.fetch('/uploads', {
    method: 'POST',
    body: Readable.toWeb(Readable.from(endless(over.signal))) as unknown as NonNullable<RequestInit['body']>,
    duplex: 'half',
  })
  const uploads = () => readdir(join(folder, 'data/files/uploads')).catch(() => [] as string[])
  while ((await uploads()).length === 0) await pause(20)
  await processes.kill('serve')
  await expect(arriving).rejects.toThrow()
  over.abort()
  await processes.start()
  expect((await uploads()).filter((name) => name.endsWith('.json'))).toEqual([])

  const form = new FormData()
  form.set('file', new Blob([CONTENT]), 'events.csv')
  const upload = (await (await processes.fetch('/uploads', { method: 'POST', body: form })).json()) as { id: string }
  await processes.kill('serve')
  await processes.start()
  expect(await processes.ask(`/uploads/${upload.id}`)).toEqual(upload)

  const { id } = await processes.ask('/ingestions', { source: { upload: upload.id }, into: 'Event' })
  await Promise.all([processes.kill('serve'), processes.kill('jobs')])
  await processes.start()
  await processes.ingestion(id, (told) => isOver(told) || hasLoaded(told))
  await processes.kill('jobs')
  await processes.start()
  const done = await processes.ingestion(id, isOver)
  expect(done).toMatchObject({ state: 'complete', counts: COUNTS, isBalanced: true })
  expect(storedIn(folder)).toEqual({ rows: COUNTS.accepted, runs: ['complete'] })

  const rejects = await (await processes.fetch(`/ingestions/${id}/rejects.csv`)).text()
  let mends = 0
  const mended = rejects.replaceAll(/,bad,/g, () => `,${mends++}.5,`)
  const corrected = new FormData()
  corrected.set('file', new Blob([mended]), 'corrected.csv')
  const second = (await (await processes.fetch('/uploads', { method: 'POST', body: corrected })).json()) as {
    id: string
  }
  const redrive = await processes.ask(`/runs/${String(done['run'])}/redrive`, { upload: second.id })
  await processes.ingestion(redrive.id, ({ state }) => state !== 'pending')
  await processes.kill('jobs')
  await processes.start()
  const redriven = await processes.ingestion(redrive.id, isOver)
  expect(redriven).toMatchObject({ state: 'complete', isBalanced: true, counts: { accepted: REJECTED, rejected: 0 } })
  expect(storedIn(folder)).toEqual({ rows: RECORDS, runs: ['complete', 'complete'] })
  await Promise.all([processes.kill('serve'), processes.kill('jobs')])
})
