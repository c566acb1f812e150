import { type Column, PAD_X, shareWidth, wishOf } from './pdf-columns.js'
import type { Ink } from '../look/palette.js'
import type { PdfDocument } from './pdf-document.js'
import type { Tag } from './pdf-tags.js'
import { FRAME_WIDTH, PAGE, STYLE, type TextStyle, leading } from './pdf-theme.js'

const PAD_Y = 3.5
/** A table with many columns is set smaller, down to this, before its words and figures are broken. */
const SCALE_MIN = 0.68
const HEADER_LINES_MAX = 3
/** A row taller than a page begins on the current one only when this many of its lines fit. */
const SPLIT_LINES_MIN = 4

/** A row broken into the lines of its cells. */
export interface LaidRow {
  readonly cells: readonly (readonly string[])[]
  readonly style: TextStyle
  readonly heightPt: number
}

interface Slice {
  readonly row: LaidRow
  readonly fill: Ink
  /** Wraps the painting of a cell into its tag. */
  readonly mark: (column: number, paint: () => void) => void
}

/**
 * A table that may go over many pages. Its header stands on each of them; a row is kept on one page unless it is taller
 * than a page. A table without a row draws nothing.
 */
export class PdfTable {
  readonly #widths: readonly number[]
  readonly #scale: number
  readonly #header: LaidRow
  #tag: Tag | undefined
  #rows = 0

  /** `sample` holds the first rows: the widths of the columns are made for them. */
  constructor(
    private readonly doc: PdfDocument,
    private readonly columns: readonly Column[],
    sample: readonly (readonly string[])[],
  ) {
    const wishes = columns.map((column, index) =>
      wishOf(
        doc,
        column,
        sample.map((cells) => cells[index] ?? ''),
      ),
    )
    const least = wishes.reduce((sum, wish) => sum + wish.least, 0)
    this.#scale = Math.max(SCALE_MIN, Math.min(1, FRAME_WIDTH / least))
    this.#widths = shareWidth(wishes, FRAME_WIDTH / this.#scale).map((width) => width * this.#scale)
    const titles = this.layOut(
      columns.map((column) => column.title),
      STYLE.header,
    )
    this.#header = laidRow(titles.cells.map(cutTitle), titles.style)
  }

  layOut(cells: readonly string[], usual: TextStyle = STYLE.cell): LaidRow {
    const { doc } = this
    const style = this.#scale === 1 ? usual : { ...usual, sizePt: usual.sizePt * this.#scale }
    const lines = this.#widths.map((width, column) =>
      doc.wrap(doc.clean(cells[column] ?? '', style.face), style, width - 2 * this.#padX),
    )
    return laidRow(lines, style)
  }

  get #padX(): number {
    return PAD_X * this.#scale
  }

  /** The height that a heading must keep free below it, so that it stands with the table's first row. */
  heightWith(first: LaidRow): number {
    return this.#header.heightPt + (this.#fitsPage(first) ? first.heightPt : heightOf(SPLIT_LINES_MIN, first.style))
  }

  add(row: LaidRow): void {
    if (this.#tag === undefined) this.#open(row)
    if (this.doc.room < (this.#fitsPage(row) ? row.heightPt : heightOf(SPLIT_LINES_MIN, row.style))) this.#continue()
    this.#drawRow(row)
    this.#rows += 1
  }

  end(): void {
    this.#tag?.end()
    this.#tag = undefined
  }

  #fitsPage(row: LaidRow): boolean {
    return row.heightPt <= PAGE.bottom - PAGE.top - this.#header.heightPt
  }

  #open(first: LaidRow): void {
    this.doc.reserve(this.heightWith(first))
    this.#tag = this.doc.tags.open('Table')
    const { tr, mark } = this.#openCells('TH')
    this.#drawSlice({ row: this.#header, fill: 'slate', mark })
    tr.end()
  }

  /** The header again, as decoration: only the first one is content. */
  #continue(): void {
    this.doc.newPage()
    this.#drawSlice({ row: this.#header, fill: 'slate', mark: (_, paint) => this.doc.tags.artifact(paint) })
  }

  /** Ends because every turn draws at least one line: a fresh page has room for more than that. */
  #drawRow(row: LaidRow): void {
    const { tr, mark } = this.#openCells('TD')
    const fill = this.#rows % 2 === 0 ? 'paper' : 'zebra'
    const lines = countLines(row.cells)
    for (let from = 0; from < lines; ) {
      if (from > 0) this.#continue()
      const take = Math.max(1, Math.floor((this.doc.room - 2 * PAD_Y + 0.01) / leading(row.style)))
      const cells = row.cells.map((cell) => cell.slice(from, from + take))
      this.#drawSlice({ row: from === 0 && take >= lines ? row : laidRow(cells, row.style), fill, mark })
      from += take
    }
    tr.end()
  }

  #openCells(name: 'TH' | 'TD'): { readonly tr: Tag; readonly mark: Slice['mark'] } {
    const { tags } = this.doc
    const tr = tags.open('TR', { ...(this.#tag !== undefined && { parent: this.#tag }) })
    const cells = this.columns.map(() => tags.open(name, { parent: tr }))
    const mark: Slice['mark'] = (column, paint) => {
      const cell = cells[column]
      if (cell !== undefined) tags.draw(cell, name, paint)
    }
    return { tr, mark }
  }

  #drawSlice({ row, fill, mark }: Slice): void {
    const { doc } = this
    const top = doc.y
    const line = fill === 'slate' ? 'slate' : 'line'
    doc.tags.artifact(() => {
      if (fill !== 'paper') doc.rect({ x: PAGE.left, y: top, width: FRAME_WIDTH, height: row.heightPt }, fill)
      doc.rect({ x: PAGE.left, y: top + row.heightPt - 0.7, width: FRAME_WIDTH, height: 0.5 }, line)
    })
    let x: number = PAGE.left
    for (const [column, lines] of row.cells.entries()) {
      const left = x
      x += this.#widths[column] ?? 0
      if (lines.length > 0) mark(column, () => this.#drawCell(lines, row.style, { column, left, top }))
    }
    doc.y = top + row.heightPt
  }

  #drawCell(lines: readonly string[], style: TextStyle, at: { column: number; left: number; top: number }): void {
    const isRight = this.columns[at.column]?.align === 'right'
    const x = isRight ? at.left + (this.#widths[at.column] ?? 0) - this.#padX : at.left + this.#padX
    let baseline = at.top + PAD_Y + style.sizePt * 0.98
    for (const line of lines) {
      if (line !== '')
        this.doc.text(isRight ? line.trimEnd() : line, style, { x, baseline, align: isRight ? 'right' : 'left' })
      baseline += leading(style)
    }
  }
}

function cutTitle(lines: readonly string[]): readonly string[] {
  if (lines.length <= HEADER_LINES_MAX) return lines
  const last = lines[HEADER_LINES_MAX - 1] ?? ''
  return [...lines.slice(0, HEADER_LINES_MAX - 1), `${last.slice(0, -1)}…`]
}

function laidRow(cells: LaidRow['cells'], style: TextStyle): LaidRow {
  return { cells, style, heightPt: heightOf(countLines(cells), style) }
}

function countLines(cells: LaidRow['cells']): number {
  return cells.reduce((most, lines) => Math.max(most, lines.length), 1)
}

function heightOf(lines: number, style: TextStyle): number {
  return lines * leading(style) + 2 * PAD_Y
}
