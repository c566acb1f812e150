import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import type { Column, Row } from 'shardyard/src/pipeline/reports/report-model'
import { csvWriter } from 'shardyard/src/pipeline/reports/writers/csv-report'
import { jsonWriter } from 'shardyard/src/pipeline/reports/writers/json-report'
import { ndjsonWriter } from 'shardyard/src/pipeline/reports/writers/ndjson-report'
import { HOSTILE, modelOf, openKiosk, written } from '../kiosk'

const TEXT: Column = { name: 'text', title: 'Text', kind: 'text' }
const AMOUNT: Column = { name: 'amount', title: 'Amount', kind: 'decimal' }
const AT: Column = { name: 'at', title: 'At', kind: 'instant' }

/** What is left of a text in UTF-8. */
const sound = (text: string) => text.toWellFormed()

async function csvRows(columns: readonly Column[], rows: readonly Row[], isRaw = false): Promise<string[][]> {
  return parse((await written(csvWriter, modelOf(columns, rows), { isRaw })).toString()) as string[][]
}

async function* streamed(rows: readonly Row[]): AsyncGenerator<Row> {
  for (const row of rows) yield row
}

describe('CSV', () => {
  test('has the names of the columns, a line for each row, and ends each with \\n', async () => {
    const kiosk = await openKiosk()
    const { bytes, rows } = await kiosk.write('everything')
    expect(bytes.toString()).toBe(
      'text,count,price,share,day,at,isOpen\n' +
        'plain,7,12.50,0.25,2025-12-31,2025-03-30T01:02:03.000Z,true\n' +
        "'-5,-7,-0.10,1,2025-03-30,,false\n" +
        ',12345678901234567890,12345678901234567.89,,soon,,\n',
    )
    expect(rows).toBe(3)
  })

  test('lets no text pass for a formula, and is exact on request', async () => {
    const rows = HOSTILE.map((text) => [text])
    const guarded = (await csvRows([TEXT], rows)).slice(1).map(([text = '']) => text)
    for (const text of guarded) expect(text).not.toMatch(/^[\s]*[=+\-@＝＋－＠]|^[\t\r]/)
    const formulas = HOSTILE.filter((text) => /^['\s]*[=+\-@\t\r＝＋－＠]/.test(text))
    expect(formulas.length).toBeGreaterThan(9)
    expect(guarded).toEqual(HOSTILE.map((text) => sound(formulas.includes(text) ? `'${text}` : text)))
    expect((await csvRows([TEXT], rows, true)).slice(1)).toEqual(HOSTILE.map((text) => [sound(text)]))
  })

  test('leaves numbers alone, and guards what is none in a column of numbers', async () => {
    const cells = [-5, -5n, '-5', '-5.25', '-5+1', '+5', '=5', '-', -1e-7]
    const read = await csvRows(
      [AMOUNT],
      cells.map((cell) => [cell]),
    )
    expect(read.flat()).toEqual(['amount', '-5', '-5', '-5', '-5.25', "'-5+1", "'+5", "'=5", "'-", '-1e-7'])
  })

  test('guards the names of columns, and quotes them', async () => {
    const text = (await written(csvWriter, modelOf([{ ...TEXT, name: '=a,"b"' }], []))).toString()
    expect(text).toBe('"\'=a,""b"""\n')
  })

  test('has no blank line for a row of one empty field', async () => {
    const bytes = await written(csvWriter, modelOf([TEXT], [[''], [null], ['x']]))
    expect(bytes.toString()).toBe('text\n""\n""\nx\n')
  })

  test('of any texts reads back as they were', async () => {
    const text = fc.string({ unit: 'binary' })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { maxLength: 20 }), async (rows) => {
        const columns = [TEXT, { ...TEXT, name: 'b' }]
        // A byte order mark at the very beginning would be the file's, but a header stands there.
        expect(await csvRows(columns, rows, true)).toEqual([['text', 'b'], ...rows.map((row) => row.map(sound))])
      }),
      { numRuns: 200 },
    )
  })

  test('has the table that is named, or the figures', async () => {
    const kiosk = await openKiosk()
    const none = await kiosk.write('everything', { table: 'none' })
    const figures = await kiosk.write('everything', { table: 'figures' })
    expect([none.bytes.toString(), none.rows]).toEqual(['id\n', 0])
    expect(figures.bytes.toString()).toBe(
      "name,value\nrevenue,1234567890123456.78\norders,-12\nbest,'=1+1\nsince,2025-03-30T01:02:03.000Z\n",
    )
  })

  test('refuses the name of a table that there is not, and tells those that there are', async () => {
    const kiosk = await openKiosk()
    await expect(kiosk.write('everything', { table: 'sales' })).rejects.toMatchObject({
      code: 'SY_OPTION_INVALID',
      message: 'The report has no table "sales". There are: kinds, none, figures.',
    })
  })

  test('never touches the rows of a table that it leaves out', async () => {
    const main = modelOf([TEXT], [['x']])
    const untouched = {
      [Symbol.iterator]: () => {
        throw new Error('touched')
      },
    }
    const model = { ...main, blocks: [...main.blocks, { ...main.blocks[0], name: 'other', rows: untouched }] }
    expect((await written(csvWriter, model as typeof main)).toString()).toBe('text\nx\n')
  })
})

describe('NDJSON and JSON', () => {
  test('hold the same rows, from a list and from a stream', async () => {
    const rows = HOSTILE.map((text, at): Row => [text, at % 2 === 0 ? at : `${at}.50`, new Date(at)])
    const expected = HOSTILE.map((text, at) => ({
      text,
      amount: at % 2 === 0 ? at : at + 0.5,
      at: new Date(at).toJSON(),
    }))
    for (const given of [rows, streamed(rows)]) {
      const lines = (await written(ndjsonWriter, modelOf([TEXT, AMOUNT, AT], given))).toString().split('\n')
      expect(lines.pop()).toBe('')
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected)
    }
    const json = await written(jsonWriter, modelOf([TEXT, AMOUNT, AT], streamed(rows)))
    const { tables } = JSON.parse(json.toString()) as { tables: { main: { rows: unknown[] } } }
    expect(tables.main.rows).toEqual(expected)
  })

  test('write the digits of exact decimals and of integers beyond 2^53, and no text as a number', async () => {
    const cells = ['12345678901234567.89', '-0.10', 9007199254740993n, '0012', '1e5', '=1', NaN, Infinity, null, true]
    const text = (
      await written(
        ndjsonWriter,
        modelOf(
          [AMOUNT],
          cells.map((cell) => [cell]),
        ),
      )
    ).toString()
    const digits = text.match(/(?<=:).*(?=\})/g)
    expect(digits).toEqual([
      '12345678901234567.89',
      '-0.10',
      '9007199254740993',
      '"0012"',
      '"1e5"',
      '"=1"',
      'null',
      'null',
      'null',
      'true',
    ])
    expect(await written(ndjsonWriter, modelOf([TEXT], [['12']]))).toEqual(Buffer.from('{"text":"12"}\n'))
  })

  test('write any text so that JSON.parse gives it back, also as the name of a column', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (name, value) => {
        const bytes = await written(ndjsonWriter, modelOf([{ ...TEXT, name }], [[value]]))
        expect(Object.entries(JSON.parse(bytes.toString()) as object)).toEqual([[name, value]])
      }),
      { numRuns: 200, examples: [['__proto__', '\ud800']] },
    )
  })

  test('as one document have title, moment, text, figures, tables and charts', async () => {
    const kiosk = await openKiosk()
    const { bytes, rows } = await kiosk.write('everything', { format: 'json' })
    const report = JSON.parse(bytes.toString()) as Record<string, unknown>
    expect(report).toMatchObject({
      title: 'Everything',
      subtitle: 'of a kiosk',
      asOf: '2025-03-30T01:02:03.000Z',
      text: [
        { text: 'At a glance', note: 'and no more' },
        { text: 'All is well.', tone: 'good' },
      ],
      figures: { orders: { value: -12, label: 'Orders', kind: 'integer' }, best: { value: '=1+1' } },
      tables: { kinds: { title: 'Kinds', rows: [{ text: 'plain', share: 0.25 }, {}, {}] }, none: { rows: [] } },
      charts: { days: { series: ['sold', 'returned'], points: [{ values: [3, null] }, { label: 'Tue' }] } },
    })
    expect(bytes.toString()).toContain('"value":1234567890123456.78,')
    expect(rows).toBe(3)
  })

  test('of a report without any part are still whole', async () => {
    const empty = { title: 'Empty', asOf: new Date(0), blocks: [] }
    expect(JSON.parse((await written(jsonWriter, empty)).toString())).toEqual({
      title: 'Empty',
      asOf: '1970-01-01T00:00:00.000Z',
      text: [],
      figures: {},
      tables: {},
      charts: {},
    })
    expect((await written(ndjsonWriter, empty)).toString()).toBe('')
    expect((await written(csvWriter, empty)).toString()).toBe('name,value\n')
  })
})
