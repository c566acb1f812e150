import { areFigures, headOf, printRow } from '../look/columns-look.js'
import { areTiles, tilesAcross } from '../look/figures-look.js'
import { withSign } from '../look/palette.js'
import { printCell } from '../look/print-cell.js'
import { formatLines } from '../look/print-value.js'
import type { Figure, Paragraph, Row, Table } from '../report-model.js'
import { type HtmlPage, dirOf, escapeHtml } from './html-text.js'
import { type RowCount, ShownRows } from './shown-rows.js'

/** Letters; `html-style.ts` has a rule for each. */
const WIDTHS = [5, 8, 12, 18] as const

/** Text with its line breaks, in an element of its own. */
export function linesHtml(text: string, className = ''): string {
  const shown = formatLines(text)
  return `<p class="lines${className === '' ? '' : ` ${className}`}"${dirOf(shown)}>${escapeHtml(shown)}</p>\n`
}

/** A paragraph with a tone is one that must not be overlooked. */
export function textHtml({ text, tone = 'neutral' }: Paragraph): string {
  return tone === 'neutral' ? linesHtml(text) : linesHtml(withSign(text, tone), `banner ${tone}`)
}

/** A few short figures as tiles, others as a table. */
export function figuresHtml(figures: readonly Figure[]): string {
  if (figures.length === 0) return ''
  return areTiles(figures)
    ? `<dl class="tiles across-${tilesAcross(figures.length)}">${figures.map(tileHtml).join('')}</dl>\n`
    : factsHtml(figures)
}

function tileHtml(figure: Figure): string {
  const { label, value, tone = 'neutral', note } = figure
  const aside = note === undefined ? '' : `<dd class="aside">${escapeHtml(note)}</dd>`
  const shown = escapeHtml(printCell(value, figure))
  return `<div class="tile ${tone}"><dt>${escapeHtml(withSign(label, tone))}</dt><dd class="value">${shown}</dd>${aside}</div>`
}

function factsHtml(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const shown = printCell(figure.value, figure) + (figure.note === undefined ? '' : ` ${figure.note}`)
    const label = escapeHtml(withSign(figure.label, figure.tone))
    return `<tr><th scope="row">${label}</th><td${dirOf(shown)}>${escapeHtml(shown)}</td></tr>`
  })
  return (
    '<div class="scroll"><table><caption class="said">Figures</caption><thead><tr><th scope="col">Figure</th>' +
    `<th scope="col">Value</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>\n`
  )
}

export interface TableHtmlPlace {
  /** Unique on the page. */
  readonly id: string
  /** Whether the heading above says the title already. */
  readonly isSaid: boolean
  readonly count: RowCount
  readonly signal: AbortSignal
}

/** Writes a table as its rows are read. */
export async function writeTable(page: HtmlPage, table: Table, place: TableHtmlPlace): Promise<void> {
  const { id, isSaid, count, signal } = place
  const title = withSign(table.title, table.tone ?? 'neutral')
  const rows = await ShownRows.open(table, signal)
  try {
    if (rows.isEmpty) {
      if (!isSaid) page.add(`<h3>${escapeHtml(title)}</h3>`)
      return page.add(`<p class="muted">${escapeHtml(table.whenEmpty ?? 'There are none.')}</p>\n`)
    }
    const figures = areFigures(table.columns, rows.sample)
    const widths = widthClasses(table, rows.sample)
    const head = table.columns.map((column, index) => {
      const name = figures[index] ? 'n' : (widths[index] ?? '')
      return `<th scope="col"${name === '' ? '' : ` class="${name}"`}>${escapeHtml(headOf(column))}</th>`
    })
    page.add(
      `<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0"><table>` +
        `<caption id="${id}"${isSaid ? ' class="said"' : ''}${dirOf(title)}>${escapeHtml(title)}</caption>` +
        `<thead><tr>${head.join('')}</tr></thead><tbody>\n`,
    )
    for await (const row of rows.all()) {
      page.add(rowHtml(table, row, figures))
      count.add()
      await page.breathe()
    }
    page.add('</tbody></table></div>\n')
    const note = rows.note()
    if (note !== undefined) page.add(`<p class="muted">${escapeHtml(note)}</p>\n`)
  } finally {
    await rows.close()
  }
}

/** Long words may be broken anywhere, but short texts not for their sake: how many letters a column has room for. */
function widthClasses({ columns }: Table, sample: readonly Row[]): string[] {
  const printed = sample.map((row) => printRow(columns, row))
  return columns.map((_, index) => {
    const longest = printed.reduce((most, cells) => Math.max(most, cells[index]?.length ?? 0), 0)
    return `w${WIDTHS.find((letters) => longest <= letters) ?? WIDTHS[3]}`
  })
}

function rowHtml({ columns }: Table, row: Row, figures: readonly boolean[]): string {
  const cells = printRow(columns, row).map((cell, index) => {
    if (figures[index]) return `<td class="n">${escapeHtml(cell)}</td>`
    const kind = columns[index]?.kind
    return kind === 'date' || kind === 'instant'
      ? `<td class="d">${escapeHtml(cell)}</td>`
      : `<td${dirOf(cell)}>${escapeHtml(cell)}</td>`
  })
  return `<tr>${cells.join('')}</tr>\n`
}
