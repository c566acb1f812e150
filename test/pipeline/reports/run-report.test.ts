import type { LedgerLine } from '../../../dist/src/pipeline/reports/run-account'
import { NOTHING, REASON, line, lines, pagesOf, runOf, textOf, write } from './sample-run'

/** Text of the report of one row; a row is all that is needed to see how a value prints. */
async function print(record: Record<string, unknown>, rest: Partial<LedgerLine> = {}): Promise<string> {
  return textOf(await write(runOf([line('Product', record, rest)])))
}

describe('the pages', () => {
  test('tell the run, its figures, its rows and its threads in this order', async () => {
    const rejected = line(
      'Product',
      { name: 'Earbuds', price: '-50.00' },
      {
        outcome: 'rejected',
        rowId: undefined,
        reasons: [REASON, { code: 'NAME_TAKEN', field: 'name', message: 'exists' }],
      },
    )
    const text = textOf(
      await write(runOf([line('Product', { name: 'Laptop', price: '1000.00' }, { rowId: '77' }), rejected])),
    )
    const parts = [
      'Insertion report',
      'Executive summary',
      '50.0%',
      'Record latency, p50',
      '1.20 ms',
      'Outcomes per database',
      'Record latency',
      'p50 1.20 ms · p95 8.40 ms · p99 11.9 ms · longest 13.1 ms',
      'Accepted rows (1)',
      'Laptop',
      '77',
      'Rejected rows (1)',
      'Earbuds',
      'must be at least 0',
      'NAME_TAKEN',
      'No duplicate rows',
      'Analysis per database',
      '3 × price',
      'Analysis per thread',
    ]
    let at = -1
    for (const part of parts) {
      const next = text.indexOf(part, at + 1)
      expect([part, next > at]).toEqual([part, true])
      at = next
    }
    expect(text).not.toMatch(/[✓✗△] No /)
  })

  test('have a footer each, with the page, all pages and the run', async () => {
    const pages = pagesOf(await write(runOf(lines(300))))
    expect(pages.length).toBeGreaterThan(5)
    for (const [index, page] of pages.entries()) {
      expect(page).toMatch(new RegExp(`page ${index + 1} of ${pages.length}\\b`))
      expect(page).toContain('Run run-7f3a')
    }
  })

  test('repeat the header of a table that goes on, and never show a header alone', async () => {
    const pages = pagesOf(await write(runOf(lines(300))))
    const withRows = pages.filter((page) => /Item \d/.test(page))
    expect(withRows.length).toBeGreaterThan(5)
    for (const page of pages) expect(/Place\s+Thread\s+Duration\s+name/.test(page)).toBe(withRows.includes(page))
  })

  test('hold every row once, in the order of the source', async () => {
    const shown = [...textOf(await write(runOf(lines(300)))).matchAll(/Item (\d+)/g)].map(([, place]) => Number(place))
    expect(shown).toEqual(Array.from({ length: 300 }, (_, place) => place))
  })

  test('say where a list is cut', async () => {
    const run = runOf(lines(10))
    const counts = { ...NOTHING, accepted: 33_271 }
    const account = { ...run.account, counts, entities: run.account.entities.map((part) => ({ ...part, counts })) }
    const text = textOf(await write({ ...run, account }, { rowsMax: 7 }))
    expect(text).toContain('7 of 33,271 rows shown; use --rows to show more')
    expect(text.match(/Item \d/g)).toHaveLength(7)
  })

  test.each([
    [12, [4, 4, 4]],
    [13, [4, 5, 4]],
    [40, [20, 10, 10]],
    [2, [0, 1, 1]],
  ])('hold at most %i rows of an entity, and a list leaves to the others what it does not need', async (max, shown) => {
    const rejected = lines(10, { outcome: 'rejected', reasons: [REASON] })
    const rows = [...lines(30), ...rejected, ...lines(10, { outcome: 'duplicate', storedBy: 'run-1' })]
    const text = textOf(await write(runOf(rows), { rowsMax: max }))
    const lists = text.split(/(?:Accepted|Rejected|Duplicate) rows \(\d+\)/).slice(1)
    expect(lists.map((list) => list.match(/Item \d/g)?.length ?? 0)).toEqual(shown)
    expect(text.match(/rows shown; use --rows to show more/g)).toHaveLength(max < 20 ? 3 : 1)
  })

  test('say that there is nothing when nothing was read', async () => {
    const text = textOf(await write(runOf([], { entities: [], perThread: [] })))
    for (const part of ['No database took part', 'No latency was recorded', 'No thread wrote'])
      expect(text).toContain(part)
    expect(text).not.toMatch(/NaN|undefined|Infinity/)
  })

  test.each([
    ['incomplete', 'INCOMPLETE'],
    ['interrupted', 'INTERRUPTED'],
    ['running', 'STILL RUNNING'],
  ] as const)('say at the top that a run is %s', async (state, told) => {
    const [first] = pagesOf(await write(runOf(lines(3), { state })))
    expect(first?.slice(0, first.indexOf('Executive summary'))).toContain(told)
  })

  test('call latency that of a batch where a batch shares a transaction', async () => {
    const run = runOf(lines(3), { batch: 500 })
    const text = textOf(
      await write({ ...run, account: { ...run.account, latency: { ...run.account.latency, unit: 'batch' } } }),
    )
    expect(text).toContain('Batch latency')
    expect(text).toContain('(batch)')
    expect(text).not.toContain('Record latency')
  })

  test('name the run that stored a duplicate', async () => {
    const text = textOf(await write(runOf(lines(1, { outcome: 'duplicate', storedBy: 'run-of-last-year' }))))
    expect(text).toContain('run-of-last-year')
  })

  test('read the rows of an entity in two databases once', async () => {
    const run = runOf(lines(2))
    const [part] = run.account.entities
    const entities = ['north', 'south'].map((database) => ({ ...part!, database, counts: { ...NOTHING, accepted: 1 } }))
    const text = textOf(await write({ ...run, account: { ...run.account, entities } }))
    expect(text.match(/Accepted rows \(2\)/g)).toHaveLength(1)
    expect(text).toMatch(/Database north · .*\n\s*Database south · /)
  })
})

describe('hostile records', () => {
  test('print letters of many scripts', async () => {
    const text = await print({ a: 'İstanbul ğüşıöç', b: 'Ελλάδα', c: 'Кириллица', d: '✓ done' })
    for (const part of ['İstanbul ğüşıöç', 'Ελλάδα', 'Кириллица', '✓ done']) expect(text).toContain(part)
  })

  test('print no control character and no bidi override', async () => {
    const record = {
      'field\u0000\u202E': 'a\u0000b\u0007c\u001b[31md\u007f\u009be',
      bidi: '\u202Eevil\u202C \u2066iso\u2069\u200F',
    }
    const text = await print(record, { rowId: '\u0001id\u0002', entity: '\u0003' })
    expect(text).toContain('abc[31mde')
    expect(text).toContain('evil iso')
    expect(text).not.toMatch(/(?![\n\f])[\p{Cc}\u200f\u202a-\u202e\u2066-\u2069]/u)
  })

  test('show a stand-in for what the font lacks, and count it at the end', async () => {
    const text = await print({ han: '中文', hangul: '한국어', lone: '\ud800' })
    expect(text).toContain('\uFFFD\uFFFD')
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "6 characters are printed as \uFFFD because the report's font, DejaVu Sans, lacks them: Hangul 3, Han 2, other 1.",
    )
  })

  test('break words without spaces inside their cells, and cut them with their length', async () => {
    const text = await print({ word: 'x'.repeat(5_000), other: 'here' })
    expect(text.match(/x/g)?.length).toBeGreaterThanOrEqual(1_000)
    expect(text.replaceAll(/\s+/g, ' ')).toContain('(5,000 characters)')
    expect(text).toContain('here')
  })

  test('print every reason of a row that is taller than a page', async () => {
    const reasons = Array.from({ length: 200 }, (_, at) => ({
      code: `CODE_${at}_`,
      field: 'field',
      message: 'is not as it should be',
    }))
    const pages = pagesOf(await write(runOf([line('Product', { a: 1 }, { outcome: 'rejected', reasons })])))
    const codes = [...pages.join('').matchAll(/\(CODE_(\d+)_\)/g)].map(([, at]) => Number(at))
    expect(codes).toEqual(reasons.map((_, at) => at))
    expect(pages.filter((page) => page.includes('CODE_')).every((page) => page.includes('Reasons'))).toBe(true)
  })

  test('print a record of many fields in one cell', async () => {
    const record = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`field_${at}`, `value ${at}`]))
    const text = (await print(record)).replaceAll(/\s+/g, ' ')
    for (const [field, value] of Object.entries(record)) expect(text).toContain(`${field}: ${value}`)
  })

  test('print values that cannot be told, and fields only later rows have', async () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const odd = {
      toString: () => {
        throw new Error('no')
      },
      get trap() {
        throw new Error('no')
      },
    }
    const rows = [
      ...lines(60),
      line('Product', { name: circle }),
      line('Product', { name: odd, constructor: 'late', big: 12n }),
    ]
    const text = textOf(await write(runOf(rows))).replaceAll(/\s+/g, ' ')
    expect(text.match(/\(cannot be printed\)/g)).toHaveLength(2)
    expect(text).toContain('constructor: late')
    expect(text).toContain('big: 12')
  })
})
