import { readFile } from 'node:fs/promises'
import type { Row } from '../../../../dist/src/pipeline/reports/report-model'
import { COLUMNS, HOSTILE, chartOf, modelOf, rowsOf, tableOf, wholeModel, writePdf } from '../sample-model'
import { objectsOf, pagesOf, textOf } from '../sample-run'

function flat(file: string): string {
  return textOf(file).replaceAll(/\s+/g, ' ')
}

describe('a report as PDF', () => {
  test('holds the figures, texts and rows of its model', async () => {
    const text = flat(await writePdf(wholeModel()))
    for (const part of [
      'Sales report',
      'Orders of 2025',
      '✓ All orders are in it.',
      'In euros.',
      '1,234,567.90 EUR',
      'as planned',
      '✗ Failed',
      'Rule a longer text than a tile holds',
      '(EUR)',
      'Customer 11',
      '11,000.51',
      '91.7%',
      '2025-01-01 00:00:11 UTC',
      'Nobody complained.',
    ])
      expect([part, text.includes(part)]).toEqual([part, true])
  })

  test('has the same bytes for the same model', async () => {
    const [first, second] = [await writePdf(wholeModel()), await writePdf(wholeModel())]
    expect((await readFile(first)).equals(await readFile(second))).toBe(true)
  })

  test('has an outline of its headings, and tells its charts to those who do not see them', async () => {
    const objects = objectsOf(await writePdf(wholeModel()))
    for (const part of ['/Title (Summary)', '/Title (Customers)', '/S /Figure', '/S /TH'])
      expect([part, objects.includes(part)]).toEqual([part, true])
    expect(objects).toContain('Bars: Revenue as bars. Revenue in EUR. Jan: Web 1,200, Shop 0; Feb: Web 1,201, Shop 300')
  })

  test('prints what data holds as text', async () => {
    const blocks = [
      tableOf(rowsOf(HOSTILE.length, (at) => HOSTILE[at] ?? '')),
      chartOf(
        'bars',
        HOSTILE.map((label, at) => [label, at]),
      ),
      { block: 'heading', text: HOSTILE[1] } as const,
      { block: 'text', text: HOSTILE[4], tone: 'bad' } as const,
    ]
    const file = await writePdf(modelOf(blocks, { title: HOSTILE[5], subtitle: HOSTILE[6] }))
    const text = textOf(file)
    for (const part of ['<script>alert(1)</script>', ') Tj ET Q (', '&lt;b&gt; &amp;', 'gpj.exe', 'abc[31m'])
      expect([part, text.includes(part)]).toEqual([part, true])
    expect(text).not.toMatch(/(?![\n\f])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    // Texts may say anything, in their brackets and in the properties.
    const shown = objectsOf(file).replaceAll(/\((?:\\.|[^\\)])*\)|<rdf:li .*?<\/rdf:li>/gs, '')
    expect(shown).not.toMatch(/\/(URI|JavaScript|Launch|EmbeddedFiles|Annots|OpenAction)\b/)
  })

  test('draws letters of scripts that are written from right to left', async () => {
    const text = textOf(
      await writePdf(modelOf([tableOf(rowsOf(1, () => 'שלום עולם')), tableOf(rowsOf(1, () => 'محمد علي'))])),
    )
    expect(text.normalize('NFKC')).toMatch(/שלום עולם|םלוע םולש/)
    expect(text.normalize('NFKC')).toMatch(/محمد علي|يلع دمحم/)
  })

  test('ends a heading of many lines with an ellipsis, within the page', async () => {
    const text = textOf(await writePdf(modelOf([], { title: 'Donaudampfschiff'.repeat(20) })))
    expect(text).toMatch(/^(Donaudampfschiff|[A-Za-z\s])+…/)
  })

  test('says which characters its font lacks, counting each once', async () => {
    const chart = chartOf('stacked-bars', [['山田', 1, 2]])
    const text = flat(await writePdf(modelOf([tableOf(rowsOf(1, () => '太郎')), chart], { title: '報告' })))
    expect(text).toContain('lacks them: Han')
    // Two in the title and two in the footer, two in the row, two in the chart.
    expect(text).toContain('8 characters are printed as \uFFFD')
  })
})

describe('a table as PDF', () => {
  test('of ten thousand rows holds each of them once, streamed, under the same header', async () => {
    let live = 0
    async function* rows(): AsyncGenerator<Row> {
      for (const row of rowsOf(10_000)) {
        live += 1
        yield row.slice(0, 2)
      }
    }
    const told: number[] = []
    const table = tableOf(rows(), { columns: COLUMNS.slice(0, 2) })
    const file = await writePdf(modelOf([table]), { onRows: (count) => told.push(count) })
    const pages = pagesOf(file)
    const shown = [...pages.join('').matchAll(/Customer (\d+)/g)].map(([, at]) => Number(at))
    expect(shown).toEqual(Array.from({ length: 10_000 }, (_, at) => at))
    expect(pages.every((page) => /Id +Name/.test(page))).toBe(true)
    expect([live, told.at(-1)]).toEqual([10_000, 10_000])
  })

  test.each([
    ['a count', { rowCount: 33_000, shownMax: 3, whenCut: 'ask for more' }, '3 of 33,000 rows shown; ask for more.'],
    ['no count', { shownMax: 3 }, 'The first 3 rows are shown; there are more.'],
    ['no room', { rowCount: 33_000, shownMax: 0 }, '0 of 33,000 rows shown.'],
  ])('that is cut says so with %s', async (_, rest, note) => {
    const text = flat(await writePdf(modelOf([tableOf(rowsOf(5), rest)])))
    expect(text).toContain(note)
    expect(text.match(/Customer \d/g)?.length ?? 0).toBe(rest.shownMax)
  })

  test('that is shown whole says nothing', async () => {
    const text = flat(await writePdf(modelOf([tableOf(rowsOf(3), { shownMax: 3 })])))
    expect(text).not.toContain('shown')
  })

  test('that shows none never touches its rows', async () => {
    const rows: Iterable<Row> = {
      [Symbol.iterator]() {
        throw new Error('touched')
      },
    }
    expect(flat(await writePdf(modelOf([tableOf(rows, { shownMax: 0, rowCount: 9 })])))).toContain('0 of 9 rows shown')
  })

  test('of many columns breaks no figure', async () => {
    const columns = Array.from({ length: 14 }, (_, at) => ({
      name: `c${at}`,
      title: `C ${at}`,
      kind: 'integer' as const,
    }))
    const row = columns.map((_, at) => 1_000_000 + at)
    const text = flat(await writePdf(modelOf([tableOf([row], { columns })])))
    for (const value of row) expect(text).toContain(value.toLocaleString('en-US'))
  })

  test('has its title once where the heading above says it already', async () => {
    const blocks = [{ block: 'heading', text: 'Customers' } as const, tableOf(rowsOf(2))]
    expect(flat(await writePdf(modelOf(blocks))).match(/Customers/g)).toHaveLength(1)
  })

  test('stands with its heading: no page ends with one', async () => {
    const blocks = Array.from({ length: 40 }, (_, at) => [
      { block: 'heading', text: `Part ${at}.` } as const,
      tableOf(rowsOf((at % 4) + 1), { title: `Table ${at}.`, name: `t${at}` }),
    ])
    const pages = pagesOf(await writePdf(modelOf(blocks.flat())))
    expect(pages.length).toBeGreaterThan(4)
    for (const page of pages) {
      const lines = page.split('\n').filter((line) => line.trim() !== '')
      expect(lines.at(-1)).toMatch(/page \d+ of/)
      expect(lines.at(-2)).not.toMatch(/Part|Table|Last seen/)
    }
  })

  test('is left at once when the caller aborts, and its reader is closed', async () => {
    const abort = new AbortController()
    let isClosed = false
    async function* endless(): AsyncGenerator<Row> {
      try {
        for (let at = 0; ; at += 1) {
          if (at === 300) abort.abort(new Error('enough'))
          yield rowsOf(1)[0] ?? []
        }
      } finally {
        isClosed = true
      }
    }
    await expect(writePdf(modelOf([tableOf(endless())]), { signal: abort.signal })).rejects.toThrow('enough')
    expect(isClosed).toBe(true)
  })
})
