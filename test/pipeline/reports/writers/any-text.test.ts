import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import type { ReportModel } from '../../../../dist/src/pipeline/reports/report-model'
import { chartOf, modelOf, rowsOf, tableOf, writeHtml, writePdf } from '../sample-model'

const PIECES = [
  '<',
  '>',
  '"',
  "'",
  '&',
  '(',
  ')',
  '\\',
  '\r\n',
  '\u0000',
  '\u202e',
  '\ud800',
  '\u0301',
  'ب',
  '中',
  '😀',
]
const TEXT = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 6 })), {
  maxLength: 12,
})
const TEXTS = fc.array(
  TEXT.map((pieces) => pieces.join('')),
  { minLength: 8, maxLength: 8 },
)

/** A model with a text in every place that takes one. */
function modelWith([a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = '']: readonly string[]): ReportModel {
  const chart = chartOf('bars', [
    [a, 5, 2],
    [b, 3, null],
  ])
  return modelOf(
    [
      { block: 'heading', text: c, note: d },
      { block: 'text', text: e, tone: 'warning' },
      { block: 'figures', figures: [{ name: 'f', label: f, value: g, kind: 'text', note: h }] },
      { ...chart, title: a, valueTitle: b, series: [{ name: c }, { name: d }] },
      tableOf(
        rowsOf(3, (at) => [a, e, g][at] ?? ''),
        { title: f, whenCut: h, shownMax: 2, rowCount: 3 },
      ),
      tableOf([], { name: 'none', title: g, whenEmpty: h }),
    ],
    { title: b, subtitle: c },
  )
}

function namesIn(node: DefaultTreeAdapterTypes.Node): string[] {
  const own = 'tagName' in node ? [node.tagName, ...node.attrs.map(({ name }) => name)] : []
  return [...own, ...('childNodes' in node ? node.childNodes.flatMap(namesIn) : [])]
}

async function writeHtmlNames(model: ReportModel): Promise<Set<string>> {
  return new Set(namesIn(parse(await writeHtml(model))))
}

test('no text from anywhere adds an element or an attribute to an HTML page', async () => {
  // A page of a plain model has all that a page is made of.
  const known = await writeHtmlNames(modelWith(['a', 'ب', 'c', 'd', 'e', 'f', 'g', 'ب']))
  await fc.assert(
    fc.asyncProperty(TEXTS, async (texts) => {
      const names = await writeHtmlNames(modelWith(texts))
      expect([...names].filter((name) => !known.has(name))).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test('no text from anywhere breaks a PDF', async () => {
  const program = process.env.SHARDYARD_TEST_PDFTOTEXT ?? 'pdftotext'
  await fc.assert(
    fc.asyncProperty(TEXTS, async (texts) => {
      const file = await writePdf(modelWith(texts))
      const { status, stderr } = spawnSync(program, [file, '-'], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
      expect((await readFile(file, 'latin1')).startsWith('%PDF-1.7')).toBe(true)
    }),
    { numRuns: 8 },
  )
})
