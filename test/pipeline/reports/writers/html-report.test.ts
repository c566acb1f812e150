import { createHash } from 'node:crypto'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { DARK, LIGHT, contrast } from '../../../../dist/src/pipeline/reports/look/palette'
import { escapeHtml } from '../../../../dist/src/pipeline/reports/writers/html-text'
import { HOSTILE, chartOf, modelOf, rowsOf, tableOf, wholeModel, writeHtml } from '../sample-model'

type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document
type Element = DefaultTreeAdapterTypes.Element

/** Every element of a page, in order. */
function elementsOf(node: Node): Element[] {
  const own = 'tagName' in node ? [node] : []
  const children = 'childNodes' in node ? node.childNodes : []
  return [...own, ...children.flatMap(elementsOf)]
}

function read(html: string) {
  const all = elementsOf(parse(html))
  const named = (...names: string[]) => all.filter(({ tagName }) => names.includes(tagName))
  return { all, named }
}

function textOf(node: Node): string {
  if ('value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
}

function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((one) => one.name === name)?.value
}

function rowsIn(table: Element | undefined): string[][] {
  const rows = table === undefined ? [] : elementsOf(table).filter(({ tagName }) => tagName === 'tr')
  return rows.map((row) =>
    elementsOf(row)
      .filter(({ tagName }) => /^t[hd]$/.test(tagName))
      .map(textOf),
  )
}

/** The table with that caption. */
function tableIn(page: ReturnType<typeof read>, caption: string): Element | undefined {
  return page
    .named('table')
    .find((table) => elementsOf(table).some((part) => part.tagName === 'caption' && textOf(part) === caption))
}

test.each([
  [`<a href="x" title='y'>&amp;</a>`, '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;'],
  ['\u202Ea\u2066b\u200F', 'ab'],
  ['a\u0000b\u001b[31m\u0085\ufeff\ufffe', 'ab[31m'],
  ['\ud800', '\ufffd'],
  ['one\ntwo', 'one\ntwo'],
])('%j is escaped as %j, in elements and in attributes', (text, expected) => {
  expect(escapeHtml(text)).toBe(expected)
})

describe('a report as HTML', () => {
  test('holds the figures, texts and rows of its model', async () => {
    const page = read(await writeHtml(wholeModel()))
    expect(page.named('h1', 'h2').map(textOf)).toEqual(['Sales report', 'Summary', 'Customers'])
    expect(page.named('dt', 'dd').map(textOf)).toEqual(['Revenue', '1,234,567.90 EUR', 'as planned', '✗ Failed', '7'])
    expect(rowsIn(tableIn(page, 'Figures'))).toContainEqual(['Rule', 'a longer text than a tile holds'])
    const [head, first, ...rest] = rowsIn(tableIn(page, 'Customers'))
    expect(head).toEqual(['Id', 'Name', 'Revenue (EUR)', 'Share', 'Day', 'Last seen', 'Active'])
    expect(first).toEqual(['0', 'Customer 0', '0.51', '0.0%', '2025-12-31', '2025-01-01 00:00:00 UTC', 'yes'])
    expect(rest).toHaveLength(11)
    expect(page.named('p').map(textOf)).toEqual(
      expect.arrayContaining(['✓ All orders are in it.', 'Nobody complained.']),
    )
  })

  test('has the figures of each chart as a table, and in words', async () => {
    const page = read(await writeHtml(wholeModel()))
    for (const kind of ['bars', 'stacked-bars', 'line', 'histogram']) {
      expect(rowsIn(tableIn(page, `Revenue as ${kind}`))).toEqual([
        ['', 'Web', 'Shop'],
        ['Jan', '1,200', '0'],
        ['Feb', '1,201', '300'],
        ['Mar', '1,202', '600'],
      ])
    }
    expect(page.named('desc').map(textOf)[0]).toContain('Feb: Web 1,201, Shop 300')
  })

  test('has the same bytes for the same model', async () => {
    expect(await writeHtml(wholeModel())).toBe(await writeHtml(wholeModel()))
  })

  test('needs nothing else and lets nothing be loaded or run', async () => {
    const html = await writeHtml(wholeModel())
    const page = read(html)
    expect(page.named('script', 'link', 'iframe', 'object', 'img', 'form', 'base')).toEqual([])
    const policy = page.named('meta').find((meta) => attribute(meta, 'http-equiv') === 'Content-Security-Policy')
    const style = textOf(page.named('style')[0] as Element)
    const hash = createHash('sha256').update(style).digest('base64')
    expect(attribute(policy, 'content')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'`,
    )
    expect(page.all.filter((element) => attribute(element, 'style') !== undefined)).toEqual([])
    expect(style).not.toMatch(/url\((?!data:)|@import/)
  })

  test('prints what data holds as text', async () => {
    const model = modelOf(
      [
        { block: 'heading', text: HOSTILE[1], note: HOSTILE[2] },
        { block: 'text', text: HOSTILE[0], tone: 'bad' },
        {
          block: 'figures',
          figures: [{ name: 'a', label: HOSTILE[0], value: HOSTILE[3], kind: 'text', note: HOSTILE[2] }],
        },
        tableOf(
          rowsOf(HOSTILE.length, (at) => HOSTILE[at] ?? ''),
          { title: HOSTILE[1], whenEmpty: HOSTILE[0] },
        ),
        tableOf([], { name: 'b', title: HOSTILE[1], whenEmpty: HOSTILE[0] }),
        {
          ...chartOf(
            'bars',
            HOSTILE.map((label, at) => [label, at]),
          ),
          title: HOSTILE[1],
          valueTitle: HOSTILE[0],
        },
      ],
      { title: HOSTILE[1], subtitle: HOSTILE[2] },
    )
    const html = await writeHtml(model)
    const page = read(html)
    expect(page.named('script', 'img', 'b')).toEqual([])
    expect(page.all.flatMap(({ attrs }) => attrs).filter(({ name }) => name.startsWith('on'))).toEqual([])
    const cells = rowsIn(page.named('table').at(0)).map(([, name]) => name)
    expect(cells.slice(1, 7)).toEqual(HOSTILE.slice(0, 6))
    expect(textOf(page.named('title')[0] as Element)).toBe(HOSTILE[1])
    expect(html).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u)
  })

  test('gives text that is written from right to left its direction', async () => {
    const page = read(await writeHtml(modelOf([tableOf(rowsOf(1, () => 'محمد علي'))])))
    const cell = page.named('td').find((one) => textOf(one) === 'محمد علي')
    expect(attribute(cell, 'dir')).toBe('auto')
  })
})

describe('who does not see an HTML report', () => {
  test('finds its language, landmarks, contents and headings in their order', async () => {
    const blocks = ['One', 'Two', 'Three'].map((text) => ({ block: 'heading', text }) as const)
    const page = read(await writeHtml(modelOf([...blocks, tableOf(rowsOf(1))])))
    expect(attribute(page.named('html')[0], 'lang')).toBe('en')
    expect(page.named('header', 'nav', 'main', 'footer').map(({ tagName }) => tagName)).toEqual([
      'header',
      'nav',
      'main',
      'footer',
    ])
    const links = page.named('a').map((link) => attribute(link, 'href')?.slice(1))
    expect(links).toEqual(page.named('h2').map((heading) => attribute(heading, 'id')))
  })

  test('finds a caption, and heads with their scope, at every table', async () => {
    const page = read(await writeHtml(wholeModel()))
    for (const table of page.named('table')) {
      const parts = elementsOf(table)
      expect(parts.filter(({ tagName }) => tagName === 'caption')).toHaveLength(1)
      const heads = parts.filter(({ tagName }) => tagName === 'th')
      expect(heads.every((head) => ['col', 'row'].includes(attribute(head, 'scope') ?? ''))).toBe(true)
    }
  })

  test('is led by names that exist once', async () => {
    const page = read(await writeHtml(wholeModel()))
    const ids = page.all.flatMap((element) => attribute(element, 'id') ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const named = page.all.flatMap((element) => attribute(element, 'aria-labelledby')?.split(' ') ?? [])
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((id) => !ids.includes(id))).toEqual([])
  })

  test.each([
    ['light', LIGHT],
    ['dark', DARK],
  ])('reads text that stands out by 4.5 on a %s screen', (_, palette) => {
    const grounds = [palette.paper, palette.zebra, palette.goodTint, palette.warningTint, palette.badTint]
    for (const ground of grounds)
      for (const ink of [palette.text, palette.muted]) expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5)
    for (const tone of ['good', 'warning', 'bad'] as const) {
      expect(contrast(palette[tone], palette[`${tone}Tint`])).toBeGreaterThanOrEqual(4.5)
      expect(contrast(palette[tone], palette.paper)).toBeGreaterThanOrEqual(4.5)
    }
    expect(contrast(palette.accent, palette.paper)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(palette.onSlate, palette.slate)).toBeGreaterThanOrEqual(4.5)
  })

  test('and who sees little: series of charts stand out by 3', () => {
    for (const palette of [LIGHT, DARK])
      for (const name of ['accent', 'series2', 'series3', 'series4', 'series5', 'series6'] as const)
        expect(contrast(palette[name], palette.paper)).toBeGreaterThanOrEqual(3)
  })
})
