import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'
import { Processes } from '../server/processes'

jest.setTimeout(400_000)

interface Asked {
  readonly id: string
  readonly state: string
  readonly file: { readonly sha256: string } | null
}

const FORMATS = ['pdf', 'html', 'csv', 'json', 'ndjson', 'xlsx'] as const
const REPORTS = FORMATS.flatMap((format) => [
  { report: 'rejects', format },
  { report: 'data-quality', format },
])
const line = (at: number) =>
  `client ${at % 9},clicks,${at % 10 === 7 ? 'bad' : at},2025-01-01T00:00:${String(at % 60).padStart(2, '0')}Z\n`
const CONTENT = `client,metric,amount,timestamp\n${Array.from({ length: 20_000 }, (_, at) => line(at)).join('')}`
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

async function contentOf(processes: Processes, id: string): Promise<Buffer | undefined> {
  const answer = await processes.fetch(`/reports/${id}/content`)
  return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : undefined
}

test.each([
  ['the server makes them', false],
  ['a worker of its own makes them', true],
])('reports that were acknowledged are made once, and whole, after kill -9 when %s', async (_, hasWorker) => {
  const folder = await tempFolder('killed reports')
  expect((await runCommand(['shardyard', 'migrate'], { cwd: folder })).code).toBe(0)
  const processes = new Processes(folder, hasWorker)
  await processes.start()
  const form = new FormData()
  form.set('file', new Blob([CONTENT]), 'events.csv')
  const upload = (await (await processes.fetch('/uploads', { method: 'POST', body: form })).json()) as { id: string }
  const { id } = await processes.ask('/ingestions', { source: { upload: upload.id }, into: 'Event' })
  await processes.ingestion(id, ({ state }) => state === 'complete')

  const asked: Asked[] = []
  for (const report of REPORTS) {
    asked.push(await processes.ask<Asked>('/reports', report))
    await pause(Math.random() * 300)
    await Promise.all([processes.kill('jobs'), ...(asked.length % 2 === 0 ? [processes.kill('serve')] : [])])
    await processes.start()
    // What is served meanwhile is a whole report, or none.
    for (const { id: earlier } of asked) {
      const told = await processes.ask<Asked>(`/reports/${earlier}`)
      const content = await contentOf(processes, earlier)
      if (told.state === 'complete') expect(content && sha256(content)).toBe(told.file?.sha256)
    }
  }

  for (const [index, { id: job }] of asked.entries()) {
    let told = await processes.ask<Asked>(`/reports/${job}`)
    for (; told.state === 'pending' || told.state === 'running'; await pause(50))
      told = await processes.ask<Asked>(`/reports/${job}`)
    const { report = '', format = '' } = REPORTS[index] ?? {}
    expect([report, format, told.state]).toEqual([report, format, 'complete'])
    const content = await contentOf(processes, job)
    expect(content && sha256(content)).toBe(told.file?.sha256)
    // The same data gives the same bytes, however often it was begun.
    const file = `${report}.${format}`
    expect(
      (await runCommand(['shardyard', 'report', report, '--format', format, '--output', file], { cwd: folder })).code,
    ).toBe(0)
    expect([file, sha256(await readFile(join(folder, file)))]).toEqual([file, told.file?.sha256])
  }
  const { items } = await processes.ask<{ items: { id: string }[] }>('/reports?limit=100')
  expect(items.map((item) => item.id).toSorted()).toEqual(asked.map((item) => item.id).toSorted())
  expect(
    (await readdir(join(folder, 'data/files'), { recursive: true })).filter((name) => /part|tmp/.test(name)),
  ).toEqual([])
  await Promise.all([processes.kill('serve'), processes.kill('jobs')])
})
