// How fast are the rows of a report drawn as PDF, against the same texts at the same places by bare pdfkit calls?
// The report is tagged, wraps its cells and repeats its heads; the bare calls do none of that.
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import PdfKit from 'pdfkit'
import { writeModel } from '../dist/src/pipeline/reports/write-model.js'
import { pdfWriter } from '../dist/src/pipeline/reports/writers/pdf-report.js'
import { usualFonts } from '../dist/src/pipeline/reports/writers/pdf-fonts.js'
import { compare, inFolder, line } from './measure.mjs'

const COUNT = Number(process.env.BENCH_COUNT ?? 5_000)
const ROUNDS = 3
const ROWS_A_PAGE = 40

const TITLES = ['Id', 'Name', 'Email', 'City', 'Amount', 'Status']
const rowOf = (i) => [
  String(i),
  `Ann Lee ${i % 1000}`,
  `ann${i}@example.com`,
  'Izmir',
  `${i % 900}.50`,
  ['open', 'paid', 'sent'][i % 3],
]

/** Seconds of processor time: other work on the machine does not count. */
async function timed(work) {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

function report(folder) {
  const columns = TITLES.map((title) => ({ name: title, title, kind: 'text' }))
  const rows = (function* () {
    for (let i = 0; i < COUNT; i++) yield rowOf(i)
  })()
  const table = { block: 'table', name: 'rows', title: 'Rows', columns, rows, rowCount: COUNT }
  return writeModel({ title: 'Rows', asOf: new Date(0), blocks: [table] }, pdfWriter, join(folder, 'report.pdf'))
}

async function bare(folder) {
  const doc = new PdfKit({ size: 'A4', margin: 0 })
  const file = createWriteStream(join(folder, 'bare.pdf'))
  doc.pipe(file)
  doc.font(usualFonts().regular).fontSize(8)
  for (let i = 0; i < COUNT; i++) {
    if (i > 0 && i % ROWS_A_PAGE === 0) doc.addPage()
    const y = 48 + (i % ROWS_A_PAGE) * 17.5
    for (const [at, text] of rowOf(i).entries()) doc.text(text, 44 + at * 84, y, { lineBreak: false })
  }
  doc.end()
  await once(file, 'finish')
}

await inFolder(async (folder) => {
  const result = await compare(
    ROUNDS,
    () => timed(() => bare(folder)),
    () => timed(() => report(folder)),
  )
  line(`${COUNT} rows of 6 cells as PDF: speed against bare pdfkit`, result, '>= 0.70')
  console.log(`${Math.round(COUNT / result.b)} rows/s, bare ${Math.round(COUNT / result.a)} rows/s`)
})
