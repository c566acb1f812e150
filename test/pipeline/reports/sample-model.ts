import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Block, Chart, Column, ReportModel, Row, Table } from '../../../dist/src/pipeline/reports/report-model'
import { writeModel } from '../../../dist/src/pipeline/reports/write-model'
import { htmlWriter } from '../../../dist/src/pipeline/reports/writers/html-report'
import { pdfWriter } from '../../../dist/src/pipeline/reports/writers/pdf-report'
import type { WriterOptions } from '../../../dist/src/pipeline/reports/writers/report-writer'
import { tempFolder } from '../../helpers/temp'

export const COLUMNS: readonly Column[] = [
  { name: 'id', title: 'Id', kind: 'integer' },
  { name: 'name', title: 'Name', kind: 'text' },
  { name: 'revenue', title: 'Revenue', kind: 'decimal', unit: 'EUR' },
  { name: 'share', title: 'Share', kind: 'share' },
  { name: 'day', title: 'Day', kind: 'date' },
  { name: 'seen', title: 'Last seen', kind: 'instant' },
  { name: 'active', title: 'Active', kind: 'boolean' },
]

export function rowsOf(count: number, name = (at: number) => `Customer ${at}`): Row[] {
  return Array.from({ length: count }, (_, at) => [
    at,
    name(at),
    `${at * 1_000}.505`,
    at / count,
    '2025-12-31',
    new Date(Date.UTC(2025, 0, 1, 0, 0, at)),
    at % 2 === 0,
  ])
}

export function tableOf(rows: Table['rows'], rest: Partial<Table> = {}): Table {
  return { block: 'table', name: 'customers', title: 'Customers', columns: COLUMNS, rows, ...rest }
}

export function chartOf(kind: Chart['kind'], points: readonly (readonly [string, ...(number | null)[]])[]): Chart {
  const names = ['Web', 'Shop', 'Market'].slice(0, Math.max(1, (points[0]?.length ?? 2) - 1))
  return {
    block: 'chart',
    kind,
    name: `chart-${kind}`,
    title: `Revenue as ${kind}`,
    valueTitle: 'Revenue in EUR',
    format: { kind: 'integer' },
    series: names.map((name) => ({ name })),
    points: points.map(([label, ...values]) => ({ label, values })),
  }
}

export function modelOf(blocks: readonly Block[], rest: Partial<ReportModel> = {}): ReportModel {
  return { title: 'Sales report', asOf: new Date('2025-12-31T12:00:00Z'), blocks, ...rest }
}

/** A model with a part of each kind. */
export function wholeModel(): ReportModel {
  const points = ['Jan', 'Feb', 'Mar'].map((month, at) => [month, 1_200 + at, 300 * at] as const)
  return modelOf(
    [
      { block: 'text', text: 'All orders are in it.', tone: 'good' },
      { block: 'heading', text: 'Summary', note: 'In euros.' },
      {
        block: 'figures',
        figures: [
          { name: 'revenue', label: 'Revenue', value: '1234567.895', kind: 'decimal', unit: 'EUR', note: 'as planned' },
          { name: 'failed', label: 'Failed', value: 7, kind: 'integer', tone: 'bad' },
        ],
      },
      {
        block: 'figures',
        figures: [{ name: 'rule', label: 'Rule', value: 'a longer text than a tile holds', kind: 'text' }],
      },
      ...(['bars', 'stacked-bars', 'line', 'histogram'] as const).map((kind) => chartOf(kind, points)),
      { block: 'heading', text: 'Customers' },
      tableOf(rowsOf(12), { rowCount: 12 }),
      tableOf([], { name: 'complaints', title: 'Complaints', whenEmpty: 'Nobody complained.' }),
    ],
    { subtitle: 'Orders of 2025\nMade of three databases' },
  )
}

export async function writePdf(model: ReportModel, options: Partial<WriterOptions> = {}): Promise<string> {
  const file = join(await tempFolder('report'), 'report.pdf')
  await writeModel(model, pdfWriter, file, options)
  return file
}

export async function writeHtml(model: ReportModel, options: Partial<WriterOptions> = {}): Promise<string> {
  const file = join(await tempFolder('report'), 'report.html')
  await writeModel(model, htmlWriter, file, options)
  return readFile(file, 'utf8')
}

/** What could break a page, were it not escaped. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '</title></style></svg><img src=x onerror=alert(1)>',
  `" onload="alert(1)' x='`,
  '&lt;b&gt; &amp;',
  ') Tj ET Q (',
  '/JavaScript << /S /URI >>',
  '\u202Egpj.exe\u202C \u2066x\u2069',
  'a\u0000b\u0007c\u001b[31m',
  '\ud800 lone',
  ']]> -->',
] as const
