/** Odd ways to write values that a load reads all the same, for the samples of an installation. */

/** A value that is not given, where there is a default or none is needed. */
export function absent(): undefined {
  return undefined
}

export function padded(text: string): string {
  return `  ${text} `
}

export function upperCase(text: string): string {
  return text.toUpperCase()
}

export function lowerCase(text: string): string {
  return text.toLowerCase()
}

/** A text that CSV must quote: with quotes, a comma and a line break in it. It is another text, and as good. */
export function multiline(text: string): string {
  return `${text}, "second"\nline`
}

/** A number as JSON text. */
export function quoted(text: string): string {
  return text
}

/** `-1234.50` → `-1,234.50`; with decimals, so that it can be read in one way only. */
export function grouped(text: string): string {
  return text.replace(/\B(?=(?:\d{3})+\.)/g, ',')
}

/** `1234.50` → `1 234.50`, with the space that does not break. */
export function spaced(text: string): string {
  return text.replace(/\B(?=(?:\d{3})+\.)/g, '\u00a0')
}

/** `12.30` → `12,30`, unless three decimals could pass for thousands. */
export function decimalComma(text: string): string {
  return /\.\d{3}$/.test(text) ? text : text.replace('.', ',')
}

/** `-12.30` → `(12.30)`, as bookkeepers write it. */
export function parenthesised(text: string): string {
  return text.startsWith('-') ? `(${text.slice(1)})` : text
}

export function dollars(text: string): string {
  return `$${text}`
}

/** Seconds since 1970 with decimals. */
export function epochSeconds(moment: string): number {
  return Date.parse(moment) / 1000
}

export function epochMilliseconds(moment: string): number {
  return Date.parse(moment)
}

/** `2024-01-31T10:00:00.000Z` → `2024-01-31 10:00:00.000`, for a field whose zone is declared to be UTC. */
export function withoutZone(moment: string): string {
  return moment.slice(0, -1).replace('T', ' ')
}

/** `2024/01/31 10:00:00.000 UTC` */
export function slashed(moment: string): string {
  return `${withoutZone(moment).replaceAll('-', '/')} UTC`
}

/** The same moment as clocks in Istanbul show it. */
export function withOffset(moment: string): string {
  return new Date(Date.parse(moment) + 3 * 3_600_000).toISOString().replace('Z', '+03:00')
}
