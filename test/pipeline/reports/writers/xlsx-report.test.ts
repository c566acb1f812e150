import { setTimeout as delay } from 'node:timers/promises'
import * as fc from 'fast-check'
import readExcel, { readSheet } from 'read-excel-file/node'
import type { Column, Row } from 'shardyard/src/pipeline/reports/report-model'
import { xlsxWriter, xlsxWriterOf } from 'shardyard/src/pipeline/reports/writers/xlsx-report'
import { SheetNames } from 'shardyard/src/pipeline/reports/writers/xlsx-names'
import { HOSTILE, modelOf, openKiosk, written } from '../kiosk'
import { partsOf } from '../zip-parts'

const TEXT: Column = { name: 'text', title: 'Text', kind: 'text' }
const ID: Column = { name: 'id', title: 'Id', kind: 'integer' }
const EXACT = { trim: false }

// XML has no place for these: control characters, halves of surrogate pairs, two that are no characters.
// oxlint-disable-next-line no-control-regex -- these are what is meant
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
const shown = (text: string) => text.toWellFormed().replaceAll(ILLEGAL, '\ufffd')

/** Tags that close, each the one that is open; the rest is text without a bare `<` or `&`. */
function expectWellFormed(xml: string): void {
  expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8" standalone="yes"\?>\n</)
  expect(xml).not.toMatch(ILLEGAL)
  const open: string[] = []
  const rest = xml
    .slice(xml.indexOf('\n'))
    .replaceAll(/<(\/?)([\w:]+)((?: [\w:]+="[^"<&]*(?:&[^;]+;[^"<&]*)*")*)(\/?)>/g, (...tag) => {
      const [, closing, name, , isEmpty] = tag as string[]
      if (closing === '/') expect(open.pop()).toBe(name)
      else if (isEmpty === '') open.push(name ?? '')
      return ''
    })
  expect(open).toEqual([])
  expect(rest.replaceAll(/&(?:amp|lt|gt|quot|#13);/g, '')).not.toMatch(/[<&]/)
}

describe('XLSX', () => {
  test('holds the same values as the model: numbers, dates, truths and exact text', async () => {
    const kiosk = await openKiosk()
    const { bytes, rows } = await kiosk.write('everything', { format: 'xlsx' })
    const asOf = new Date('2025-03-30T01:02:03Z')
    expect(rows).toBe(3)
    expect(await readExcel(bytes)).toMatchObject([
      {
        sheet: 'Report',
        data: expect.arrayContaining([
          ['Everything', null, null],
          ['As of (UTC)', asOf, null],
          ['At a glance', null, null],
          ['Revenue', '1234567890123456.78', 'EUR'],
          ['Orders', -12, null],
          ['Best', '=1+1', null],
          ['Sheet "kinds"', 3, 'rows'],
          ['Orders', 'sold', 'returned'],
          ['Mon', 3, null],
          ['Tue', 4, 1],
        ]) as unknown,
      },
      {
        sheet: 'kinds',
        data: [
          ['text', 'count', 'price', 'share', 'day', 'at', 'isOpen'],
          ['plain', 7, 12.5, 0.25, new Date('2025-12-31'), asOf, true],
          ['-5', -7, -0.1, 1, new Date('2025-03-30'), null, false],
          [null, '12345678901234567890', '12345678901234567.89', null, 'soon', null, null],
        ],
      },
      { sheet: 'none', data: [['id']] },
    ])
  })

  test('holds texts that could break it or run, as they are, and is well-formed', async () => {
    const bytes = await written(
      xlsxWriter,
      modelOf(
        [TEXT],
        HOSTILE.map((text) => [text]),
      ),
    )
    const read = (await readSheet(bytes, 'main', EXACT)) as unknown as string[][]
    // The reader leaves out what is empty at the end.
    expect(read.slice(1)).toEqual(HOSTILE.filter((text) => text !== '').map((text) => [shown(text)]))
    const parts = partsOf(bytes)
    expect(parts.size).toBe(8)
    for (const xml of parts.values()) expectWellFormed(xml)
    expect([...parts.values()].join('')).not.toMatch(/<f[ >]/)
  })

  test('of any texts reads back as they were, but for what XML has no place for', async () => {
    const text = fc.string({ unit: 'binary' })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 10 }), async (rows) => {
        const bytes = await written(xlsxWriter, modelOf([TEXT, { ...TEXT, name: 'b' }], rows))
        expectWellFormed(partsOf(bytes).get('xl/worksheets/sheet2.xml') ?? '')
        const read = (await readSheet(bytes, 'main', EXACT)) as unknown as string[][]
        // The reader leaves out empty rows and columns at the end.
        for (const [at, row] of read.slice(1).entries())
          for (const [column, cell] of row.entries()) expect(cell ?? '').toBe(shown(rows[at]?.[column] ?? ''))
      }),
      { numRuns: 60 },
    )
  })

  test('keeps what looks like a formula text, also when its cell is edited, unless raw is asked for', async () => {
    const model = modelOf([{ ...TEXT, name: '=head' }], [['=1+1'], ['-5'], ['plain']])
    const quoted = (xml = '') =>
      [...xml.matchAll(/<c r="(A\d)" t="inlineStr" s="(\d+)">/g)].map(([, cell, style]) => `${cell} ${style}`)
    const parts = partsOf(await written(xlsxWriter, model))
    const styles = [...(parts.get('xl/styles.xml') ?? '').matchAll(/<xf [^>]*applyFont="1"\/>/g)].map(([xf]) => xf)
    expect(quoted(parts.get('xl/worksheets/sheet2.xml'))).toEqual(['A1 3', 'A2 1', 'A3 1', 'A4 0'])
    expect(styles.map((xf) => xf.includes('quotePrefix="1"'))).toEqual([false, true, false, true, false, true])
    const raw = partsOf(await written(xlsxWriter, model, { isRaw: true })).get('xl/worksheets/sheet2.xml')
    expect(quoted(raw)).toEqual(['A1 2', 'A2 0', 'A3 0', 'A4 0'])
  })

  test('shows the name of each column in bold, and keeps it in sight', async () => {
    const sheet = partsOf(await written(xlsxWriter, modelOf([ID], [[1]]))).get('xl/worksheets/sheet2.xml')
    expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>')
    expect(sheet).toContain('<c r="A1" t="inlineStr" s="2"><is><t>id</t></is></c>')
  })

  test('begins a new sheet when one is full', async () => {
    const rows = Array.from({ length: 5 }, (_, at): Row => [at])
    const model = modelOf([ID], rows)
    const second = { ...model.blocks[0], name: 'main (2)', rows: rows.slice(0, 2) }
    const bytes = await written(xlsxWriterOf(3), { ...model, blocks: [...model.blocks, second] } as typeof model)
    expect(await readExcel(bytes)).toMatchObject([
      { sheet: 'Report' },
      { sheet: 'main', data: [['id'], [0], [1]] },
      { sheet: 'main (3)', data: [['id'], [2], [3]] },
      { sheet: 'main (4)', data: [['id'], [4]] },
      { sheet: 'main (2)', data: [['id'], [0], [1]] },
    ])
  })

  test('cuts a text to the 32,767 characters of a cell and says so', async () => {
    const long = `${'x'.repeat(32_765)}😀${'y'.repeat(100)}`
    const bytes = await written(xlsxWriter, modelOf([TEXT], [[long], ['z'.repeat(32_767)]]))
    const [, [cut], [whole]] = (await readSheet(bytes, 'main')) as unknown as [unknown, [string], [string]]
    expect(cut).toBe(`${'x'.repeat(32_765)}…`)
    expect(whole).toHaveLength(32_767)
    const told = (await readSheet(bytes, 'Report')).flat()
    expect(told).toContain('Texts cut to the 32,767 characters that a cell holds: 1')
  })

  test('takes moments that spreadsheets count, and writes others as text', async () => {
    const at: Column = { name: 'at', title: 'At', kind: 'instant' }
    const moments = ['1900-03-01T00:00:00Z', '9999-12-31T23:59:59Z', '1900-02-28T00:00:00Z', '0001-01-01T00:00:00Z']
    const bytes = await written(
      xlsxWriter,
      modelOf(
        [at],
        moments.map((text) => [new Date(text)]),
      ),
    )
    expect((await readSheet(bytes, 'main')).slice(1).flat()).toEqual([
      new Date('1900-03-01T00:00:00Z'),
      new Date('9999-12-31T23:59:59Z'),
      '1900-02-28T00:00:00.000Z',
      '0001-01-01T00:00:00.000Z',
    ])
  })

  test('has the same bytes however its rows come', async () => {
    const rows = Array.from({ length: 30_000 }, (_, at): Row => [at, `row ${at}`])
    async function* dripped(): AsyncGenerator<Row> {
      for (const [at, row] of rows.entries()) {
        if (at % 10_000 === 0) await delay(5)
        yield row
      }
    }
    const first = await written(xlsxWriter, modelOf([ID, TEXT], rows))
    expect((await written(xlsxWriter, modelOf([ID, TEXT], dripped()))).equals(first)).toBe(true)
  })

  test('refuses a table with more columns than a sheet holds', async () => {
    const columns = Array.from({ length: 16_385 }, (_, at) => ({ ...ID, name: `c${at}` }))
    await expect(written(xlsxWriter, modelOf(columns, []))).rejects.toMatchObject({ code: 'SY_REPORT_FAILED' })
  })

  test('does not wait for a place that has failed, and leaves its rows', async () => {
    let [isLeft, taken] = [false, 0]
    async function* rows(): AsyncGenerator<Row> {
      try {
        for (let id = 0; ; id++) yield [id, `row ${Math.sin(id)}`]
      } finally {
        isLeft = true
      }
    }
    const sink = {
      isWaiting: true,
      take: (bytes: Uint8Array) => void (taken += bytes.length),
      flush: async () => {
        if (taken < 100_000) return
        // Long enough for everything before the sink to be full and waiting.
        await delay(100)
        throw new Error('the disk is full')
      },
    }
    const options = { isRaw: false, table: undefined, template: undefined, signal: new AbortController().signal }
    const work = xlsxWriter.write(modelOf([ID, TEXT], rows()), sink, { ...options, onRows: () => undefined })
    await expect(work).rejects.toThrow('the disk is full')
    expect(isLeft).toBe(true)
  })
})

describe('the names of sheets', () => {
  const take = (...wanted: string[]) => {
    const names = new SheetNames()
    return wanted.map((name) => names.take(name))
  }

  test.each([
    [
      ['a', 'A', 'a (2)'],
      ['a', 'A (2)', 'a (2) (2)'],
    ],
    [
      ['History', 'history'],
      ['History (2)', 'history (3)'],
    ],
    [
      ['[a]:*?/\\b', "'a'", '', '   '],
      ['_a______b', '_a_', 'Sheet', 'Sheet (2)'],
    ],
    [
      ['x'.repeat(40), 'x'.repeat(41)],
      ['x'.repeat(31), `${'x'.repeat(27)} (2)`],
    ],
    [
      [`${'x'.repeat(30)}😀`, `${'x'.repeat(30)}'y`],
      ['x'.repeat(30), `${'x'.repeat(30)}_`],
    ],
    [
      ['a\u0000\nb', '\ud800'],
      ['a__b', '\ufffd'],
    ],
  ])('wanted as %j are %j', (wanted, given) => {
    expect(take(...wanted)).toEqual(given)
  })
})
