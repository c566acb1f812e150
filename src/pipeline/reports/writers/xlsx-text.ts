/** Text as it may stand in the XML of a spreadsheet. */

/** Most UTF-16 units of a cell. */
const TEXT_MAX = 32_767

/** What XML forbids, what it changes, and what Excel reads as an escape; halves of surrogate pairs among whole ones. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const SUSPECT = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]|_x[\da-fA-F]{4}_/
// oxlint-disable-next-line no-control-regex -- these are what is replaced
const REPLACED = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|_(?=x[\da-fA-F]{4}_)/g
const SPACED = /^\s|\s$|\s\s|[\n\t]/

/** `_x0041_` would be read as `A`, so its first character is written as such an escape itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  _: '_x005F_',
}

/** The text in XML. What XML forbids (control characters, halves of surrogate pairs) becomes U+FFFD. */
export function xmlText(text: string): string {
  if (!SUSPECT.test(text)) return text
  return text.toWellFormed().replaceAll(REPLACED, (character) => ESCAPES[character] ?? '\ufffd')
}

/** The content of a cell with text in it; `text` fits into one. */
export function inlineString(text: string): string {
  const space = SPACED.test(text) ? ' xml:space="preserve"' : ''
  return `<is><t${space}>${xmlText(text)}</t></is>`
}

/** Text that fits into a cell, without half a character at its end; undefined when it does already. */
export function cutText(text: string): string | undefined {
  return text.length <= TEXT_MAX ? undefined : `${text.slice(0, TEXT_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
