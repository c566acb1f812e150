/** The cell styles of a workbook. */
import type { CellFormat } from '../report-model.js'
import { xmlText } from './xlsx-text.js'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
/** Number formats with lower numbers are the program's own. */
const FIRST_FORMAT = 164
const DIGITS_MAX = 20

/** Styles that every workbook has, by their number; the next number is the same for text that must stay text. */
export const STYLES = { plain: 0, head: 2, title: 4 } as const

/** With the apostrophe of spreadsheet programs: the cell stays text, also when someone edits it. */
const GUARDED = 'numFmtId="49" applyNumberFormat="1" quotePrefix="1"'

const FIXED = [0, 1, 2].flatMap((font) =>
  ['numFmtId="0"', GUARDED].map(
    (format) => `<xf ${format} fontId="${font}" fillId="0" borderId="0" xfId="0" applyFont="1"/>`,
  ),
)

export class XlsxStyles {
  readonly #formats: string[] = []

  /** The number of the style for values of a kind. */
  styleOf(format: CellFormat): number {
    const code = formatCode(format)
    if (code === undefined) return STYLES.plain
    if (!this.#formats.includes(code)) this.#formats.push(code)
    return FIXED.length + this.#formats.indexOf(code)
  }

  /** `xl/styles.xml`. */
  xml(): string {
    const formats = this.#formats.map(
      (code, at) => `<numFmt numFmtId="${FIRST_FORMAT + at}" formatCode="${xmlText(code)}"/>`,
    )
    const styles = this.#formats.map(
      (_, at) =>
        `<xf numFmtId="${FIRST_FORMAT + at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
    )
    const font = (more: string) => `<font>${more}<name val="Calibri"/><family val="2"/></font>`
    return `<styleSheet xmlns="${MAIN}">${[
      formats.length === 0 ? '' : list('numFmts', formats),
      list('fonts', [font('<sz val="11"/>'), font('<b/><sz val="11"/>'), font('<b/><sz val="16"/>')]),
      list('fills', [
        '<fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill>',
      ]),
      list('borders', ['<border><left/><right/><top/><bottom/><diagonal/></border>']),
      list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']),
      list('cellXfs', [...FIXED, ...styles]),
      list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']),
    ].join('')}</styleSheet>`
  }
}

function list(name: string, items: readonly string[]): string {
  return `<${name} count="${items.length}">${items.join('')}</${name}>`
}

function formatCode({ kind, digits }: CellFormat): string | undefined {
  switch (kind) {
    case 'integer':
      return '#,##0'
    case 'decimal':
      return `#,##0${fraction(digits ?? 2)}`
    case 'share':
      return `0${fraction(digits ?? 1)}%`
    case 'date':
      return 'yyyy-mm-dd'
    case 'instant':
      return 'yyyy-mm-dd hh:mm:ss'
    default:
      return undefined
  }
}

function fraction(digits: number): string {
  return digits <= 0 ? '' : `.${'0'.repeat(Math.min(DIGITS_MAX, Math.floor(digits)))}`
}
