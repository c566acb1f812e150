import { basename } from 'node:path'
import { type Cluster, findRun, runModel } from 'shardyard'
import { definition } from 'shardyard/config'
import type { IngestEvent } from 'shardyard/src/pipeline/ingest/ingest-options'
import type { Report } from 'shardyard/src/pipeline/reports/define-report'
import type { Figure, ReportModel } from 'shardyard/src/pipeline/reports/report-model'
import { ingestionModel } from 'shardyard/src/pipeline/reports/ingestion-model'
import { tablesOf } from 'shardyard/src/pipeline/reports/report-model'
import { NO_COUNTS } from 'shardyard/src/pipeline/reports/run-account'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { freshDepot } from '../ingest/depot'
import { writeHtml, writePdf } from './sample-model'
import { textOf } from './sample-run'

const [sqlite] = ENGINES as readonly [TestEngine]
const FIRST = 'code,title,price\nk1,Lamp,1.50\nk2,,2.50\nk1,Lamp,1.50\n\n'
const SECOND = 'code,title,price\nk3,Chair <b>,minus\nk4,Table,4.50\n'

function figuresOf(model: ReportModel): Record<string, Figure['value']> {
  const figures = model.blocks.flatMap((block) => (block.block === 'figures' ? block.figures : []))
  return Object.fromEntries(figures.map(({ name, value }) => [name, value]))
}

async function rowsOf(model: ReportModel, name: string): Promise<unknown[][]> {
  const table = tablesOf(model).find((one) => one.name === name)
  const rows: unknown[][] = []
  for await (const row of table?.rows ?? []) rows.push([...row])
  return rows
}

/** The name of a file, of which the report tells the whole path. */
function nameOf(file: unknown): string {
  return basename(String(file))
}

/** The model that the report `run` of the shipped config makes. */
function runReport(cluster: Cluster, options: { readonly run: string; readonly rows: number }): Promise<ReportModel> {
  const report = definition.reports.find(({ name }) => name === 'run') as Report
  return report.run({ cluster, options, signal: new AbortController().signal }, [])
}

describe.each(ENGINES)('the report of an ingestion on $name', (engine) => {
  test('tells its files, databases, reasons and rejects as its account does', async () => {
    const depot = await freshDepot(engine, 'ingestion report')
    const files = [await depot.write('first.csv', FIRST), await depot.write('second.csv', SECOND)]
    const { id, counts, databases, reasons } = await depot.ingest(files, { dedupe: 'key' })
    const model = await runReport(depot.cluster, { run: id, rows: 100 })
    expect(figuresOf(model)).toMatchObject({
      read: 8,
      accepted: 2,
      rejected: 2,
      duplicate: 1,
      state: 'complete',
      files: 2,
    })
    expect(counts).toMatchObject({ accepted: 2, rejected: 2, duplicate: 1 })
    expect((await rowsOf(model, 'files')).map(([file, , ...own]) => [nameOf(file), ...own])).toEqual([
      ['first.csv', 5, 1, 1, 1, 1, 1, 2 / 3],
      ['second.csv', 3, 1, 1, 0, 0, 1, 0.5],
    ])
    expect((await rowsOf(model, 'databases')).map(([database]) => database)).toEqual(
      databases.map(({ database }) => database),
    )
    expect(await rowsOf(model, 'reasons')).toEqual(reasons.map(({ code, field, count }) => [code, field, count]))
    const rejects = await rowsOf(model, 'rejects')
    expect(rejects.map(([file, line, record]) => [nameOf(file), line, record])).toEqual([
      ['first.csv', 3, 'k2,,2.50'],
      ['second.csv', 2, 'k3,Chair <b>,minus'],
    ])
  })
})

describe('the report of an ingestion', () => {
  test('holds the same in PDF and HTML', async () => {
    const depot = await freshDepot(sqlite, 'formats')
    const { id } = await depot.ingest([await depot.write('second.csv', SECOND)])
    const text = textOf(await writePdf(await runReport(depot.cluster, { run: id, rows: 100 }))).replaceAll(/\s+/g, ' ')
    const html = await writeHtml(await runReport(depot.cluster, { run: 'latest', rows: 100 }))
    for (const part of [
      'Ingestion report',
      id,
      'second.csv',
      '3 read = 1 accepted + 1 rejected',
      'NOT_A_NUMBER',
      '50.0%',
    ])
      expect([part, text.includes(part), html.includes(part)]).toEqual([part, true, true])
    expect(text).toContain('k3,Chair <b>,minus')
    expect(html).toContain('k3,Chair &lt;b&gt;,minus')
  })

  test('shows as many rejects as are asked for', async () => {
    const depot = await freshDepot(sqlite, 'rows')
    const lines = Array.from({ length: 9 }, (_, at) => `k${at},Lamp ${at},wrong\n`)
    await depot.ingest([await depot.write('many.csv', `code,title,price\n${lines.join('')}`)])
    const text = textOf(await writePdf(await runReport(depot.cluster, { run: 'latest', rows: 4 })))
    expect(text).toContain('4 of 9 rows shown; use --rows to show more.')
    expect(text.match(/Lamp \d,wrong/g)).toHaveLength(4)
  })

  test('of a run that kept counts alone says that its rejects are gone', async () => {
    const depot = await freshDepot(sqlite, 'counts')
    await depot.ingest([await depot.write('second.csv', SECOND)], { ledger: 'counts' })
    const text = textOf(await writePdf(await runReport(depot.cluster, { run: 'latest', rows: 100 })))
    expect(text).toContain('kept counts alone')
    expect(text).not.toContain('minus')
  })

  test('tells how long chunks took and what each thread wrote, also when it was resumed', async () => {
    const depot = await freshDepot(sqlite, 'chunks')
    const lines = Array.from({ length: 40 }, (_, at) => `k${at},Lamp ${at},1.50\n`)
    const file = await depot.write('many.csv', `code,title,price\n${lines.join('')}`)
    const stop = new AbortController()
    const options = { chunkBytes: 100, threads: 2 }
    const onEvent = ({ kind }: IngestEvent) => kind === 'progress' && stop.abort()
    await expect(depot.ingest([file], { ...options, onEvent, signal: stop.signal })).rejects.toThrow('interrupted')
    const { latency, perThread, counts } = await depot.ingest([file], options)
    expect(latency.unit).toBe('chunk')
    expect(latency.histogram.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(5)
    expect(latency.p95Ms).toBeGreaterThan(0)
    expect(perThread.map(({ thread }) => thread)).toEqual([1, 2])
    expect(perThread.reduce((sum, thread) => sum + thread.counts.accepted, 0)).toBe(counts.accepted)
    const model = await runReport(depot.cluster, { run: 'latest', rows: 4 })
    expect(figuresOf(model)).toMatchObject({ p95Ms: latency.p95Ms })
    expect((await rowsOf(model, 'threads')).map(([thread, records]) => [thread, records])).toEqual(
      perThread.map((thread) => [thread.thread, thread.counts.accepted]),
    )
  })

  test.each([
    [[{ thread: 1, counts: { ...NO_COUNTS, accepted: 2 }, busyMs: 5 }], /\n3 more were written by a process/],
    [[], /What each thread did was not recorded\./],
  ])('says what it does not know of threads', async (perThread, said) => {
    const depot = await freshDepot(sqlite, 'killed')
    const account = await depot.ingest([await depot.write('first.csv', FIRST)])
    const model = ingestionModel({ ...account, perThread }, undefined, { rowsMax: 10 })
    expect(textOf(await writePdf(model))).toMatch(said)
  })

  test('of an unknown run is refused', async () => {
    const depot = await freshDepot(sqlite, 'unknown')
    await expect(runModel(depot.cluster, { run: 'nobody', rowsMax: 1 })).rejects.toMatchObject({
      code: 'SY_RUN_UNKNOWN',
    })
    await expect(findRun(depot.cluster, 'nobody')).rejects.toMatchObject({ code: 'SY_RUN_UNKNOWN' })
  })
})
