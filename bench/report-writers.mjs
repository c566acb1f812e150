// How fast do reports become CSV and XLSX, beside csv-stringify and exceljs, and how much memory do a million rows need?
// Every way runs in a process of its own, so that its memory and its processor time are its own.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { finished } from 'node:stream/promises'
import { inFolder, median } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const ROWS = Number(process.env.BENCH_ROWS ?? 200_000)
const MANY = Number(process.env.BENCH_MANY ?? 1_000_000)
/** Installed on demand, and kept for the next time: it is needed for nothing else. */
const EXCELJS = join(tmpdir(), 'shardyard-bench-exceljs')
const KINDS = ['integer', 'text', 'text', 'text', 'decimal', 'integer', 'date', 'boolean', 'instant', 'text']
const NAMES = ['id', 'name', 'email', 'city', 'amount', 'quantity', 'day', 'active', 'at', 'note']
const AT = Date.UTC(2025, 0, 1)

/** As a report reads them: amounts are exact decimals, days are text. */
function* rows(count) {
  for (let i = 1; i <= count; i++) {
    const at = new Date(AT + i * 1000)
    const amount = `${i % 900}.${String(i % 100).padStart(2, '0')}`
    const [name, email] = [`Ann ${i % 1000} Lee`, `ann${i}@example.com`]
    yield [i, name, email, 'İzmir, Konak', amount, i % 9, '2025-01-05', i % 2 === 0, at, `note ${i % 99}`]
  }
}

const WAYS = {
  csv: ours('csv'),
  ndjson: ours('ndjson'),
  xlsx: ours('xlsx'),
  'csv-stringify': stringified,
  exceljs: excel,
}

function ours(format) {
  return async (file, count) => {
    const { Cluster, defineCluster, defineReport, writeReport } = await import('../dist/src/index.js')
    const columns = NAMES.map((name, at) => ({ name, title: name, kind: KINDS[at] }))
    const report = defineReport({
      name: 'rows',
      describe: 'rows',
      options: {},
      run: async () => ({
        title: 'Rows',
        asOf: new Date(AT),
        blocks: [{ block: 'table', name: 'rows', title: 'Rows', columns, rows: rows(count) }],
      }),
    })
    const cluster = await Cluster.open(defineCluster({ databases: {}, placement: [], reports: [report] }))
    return () => writeReport(cluster, { report: 'rows', format, output: file })
  }
}

async function stringified(file, count) {
  const { stringify } = await import('csv-stringify')
  return async () => {
    const csv = stringify({ header: true, columns: NAMES, escape_formulas: true, cast: { boolean: String, date } })
    const written = finished(csv.pipe(createWriteStream(file)))
    for (const row of rows(count)) if (!csv.write(row)) await once(csv, 'drain')
    csv.end()
    await written
  }
}

function date(value) {
  return value.toISOString()
}

async function excel(file, count) {
  const require = createRequire(join(EXCELJS, 'index.js'))
  const { stream } = require('exceljs')
  return async () => {
    const book = new stream.xlsx.WorkbookWriter({ filename: file, useStyles: true, useSharedStrings: false })
    const sheet = book.addWorksheet('rows')
    sheet.addRow(NAMES).commit()
    let done = 0
    for (const row of rows(count)) {
      // What ours does too: amounts and days are numbers in a sheet.
      sheet.addRow(row.map((value, at) => excelValue(value, KINDS[at]))).commit()
      // Its stream has no other sign that it is behind.
      if (++done % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    sheet.commit()
    await book.commit()
  }
}

function excelValue(value, kind) {
  if (kind === 'decimal') return Number(value)
  return kind === 'date' ? new Date(value) : value
}

/** Runs one way in a process of its own. */
function measure(way, count, folder) {
  const { stdout, status, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), way, String(count)], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${way} has failed:\n${stderr}`)
  return JSON.parse(stdout)
}

async function runWay(way, count) {
  const work = await WAYS[way](`${way}.out`, count)
  const [start, startedAt] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(start)
  const peakMb = process.resourceUsage().maxRSS / 1024
  console.log(JSON.stringify({ cpuS: (user + system) / 1e6, wallS: (performance.now() - startedAt) / 1000, peakMb }))
}

function installExceljs() {
  if (existsSync(join(EXCELJS, 'node_modules/exceljs'))) return true
  mkdirSync(EXCELJS, { recursive: true })
  const { status } = spawnSync('npm', [
    'install',
    '--prefix',
    EXCELJS,
    '--no-save',
    '--ignore-scripts',
    'exceljs@4.4.0',
  ])
  return status === 0
}

function compare(folder, [own, other], asked) {
  const pairs = Array.from({ length: ROUNDS }, () => [measure(own, ROWS, folder), measure(other, ROWS, folder)])
  const of = (pick) => median(pairs.map(([a, b]) => pick(b) / pick(a)))
  const [cpu, wall] = [of(({ cpuS }) => cpuS), of(({ wallS }) => wallS)]
  const [mine, theirs] = [0, 1].map((at) => Math.round(median(pairs.map((pair) => pair[at].peakMb))))
  const speed = Math.round(ROWS / median(pairs.map(([{ wallS }]) => wallS)) / 1000)
  console.log(
    `${own} of ${other}: processor ${cpu.toFixed(2)}  clock ${wall.toFixed(2)}  (asked: >= ${asked})  ` +
      `${speed} k rows/s  memory ${mine} MB of ${theirs} MB`,
  )
}

async function main() {
  await inFolder(async (folder) => {
    compare(folder, ['csv', 'csv-stringify'], 0.8)
    if (installExceljs()) compare(folder, ['xlsx', 'exceljs'], 1.5)
    else console.log('exceljs cannot be installed here; XLSX is not compared.')
    for (const way of ['csv', 'ndjson', 'xlsx']) {
      const { wallS, peakMb } = measure(way, MANY, folder)
      console.log(`${way}, ${MANY} rows: ${wallS.toFixed(1)} s, peak ${Math.round(peakMb)} MB (asked: <= 200 MB)`)
    }
  })
}

const [way, count] = process.argv.slice(2)
if (way === undefined) await main()
else await runWay(way, Number(count))
