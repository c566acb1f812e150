/** CSV as it is written: for people's spreadsheets, and to be read again. */

/** What a spreadsheet takes for a formula, also behind apostrophes and in full-width characters. */
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/
const GUARDED = /^'(?='*[=+\-@\t\r＝＋－＠])/

/** A line of CSV. With `isGuarded` no field can be taken for a formula; {@link unguarded} takes that back. */
export function csvLine(
  values: readonly string[],
  { delimiter, isGuarded }: { readonly delimiter: string; readonly isGuarded: boolean },
): string {
  return values
    .map((value) => {
      const text = isGuarded ? guarded(value) : value
      const isQuoted = text.includes('"') || text.includes(delimiter) || /[\r\n]/.test(text) || /^\s|\s$/.test(text)
      return isQuoted ? `"${text.replaceAll('"', '""')}"` : text
    })
    .join(delimiter)
}

/** A field with an apostrophe before what a spreadsheet would run. */
export function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** A field without the apostrophe that keeps spreadsheets from running it. */
export function unguarded(text: string): string {
  return text.replace(GUARDED, '')
}
