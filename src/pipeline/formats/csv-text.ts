/** CSV as it is written: for people's spreadsheets, and to be read again. */

/** What a spreadsheet takes for a formula, also behind spaces and apostrophes and in full-width characters. */
const FORMULA = /^['\s]*[=+\-@\t\r＝＋－＠]/
const GUARDED = /^'(?=['\s]*[=+\-@\t\r＝＋－＠])/
const NEEDS_QUOTES = /["\r\n]|^\s|\s$/

/** How a line is written. */
export interface CsvFormat {
  readonly delimiter: string
  /** No field can be taken for a formula; {@link unguarded} takes that back. */
  readonly isGuarded: boolean
}

/** A line of CSV, without its end. */
export function csvLine(values: readonly string[], format: CsvFormat): string {
  return values.map((value) => csvField(value, format)).join(format.delimiter)
}

/** A field of a line. */
export function csvField(value: string, { delimiter, isGuarded }: CsvFormat): string {
  const text = isGuarded ? guarded(value) : value
  const isQuoted = text.includes(delimiter) || NEEDS_QUOTES.test(text)
  return isQuoted ? `"${text.replaceAll('"', '""')}"` : text
}

/** A field with an apostrophe before what a spreadsheet would run. */
export function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** A field without the apostrophe that keeps spreadsheets from running it. */
export function unguarded(text: string): string {
  return text.replace(GUARDED, '')
}
