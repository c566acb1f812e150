/** Names of sheets that every spreadsheet program takes. */

const NAME_MAX = 31
// oxlint-disable-next-line no-control-regex -- these are what is replaced
const FORBIDDEN = /[[\]:*?/\\\u0000-\u001f\u007f\ufffe\uffff]/g
/** Excel keeps this one for itself. */
const RESERVED = 'history'

/** Gives out names, each once: two that differ by capitals alone are one for a spreadsheet program. */
export class SheetNames {
  readonly #taken = new Set([RESERVED])

  /** The wanted name, mended and cut; with a number behind it when there is one like it. */
  take(wanted: string): string {
    const clean =
      wanted
        .toWellFormed()
        .replaceAll(FORBIDDEN, '_')
        .replaceAll(/^'+|'+$/g, '_')
        .trim() || 'Sheet'
    for (let number = 1; ; number++) {
      const suffix = number === 1 ? '' : ` (${number})`
      const name = cut(clean, NAME_MAX - suffix.length) + suffix
      if (this.#taken.has(name.toLowerCase())) continue
      this.#taken.add(name.toLowerCase())
      return name
    }
  }
}

/** The last character may be a half of a pair, or an apostrophe, which no name ends with. */
function cut(text: string, length: number): string {
  return text
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/'$/, '_')
}
