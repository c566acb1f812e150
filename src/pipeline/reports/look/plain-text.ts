/** Text from anywhere without what could move or hide other text. */

/** Bidi marks, overrides and isolates: they would turn what stands around them. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** Controls, and code points that are no characters. Line breaks and tabs stay. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\ufeff\ufffe\uffff]|\p{Noncharacter_Code_Point}/gu

export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(BIDI, '').replaceAll(UNPRINTABLE, '')
}

const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

/** Whether a text has letters that are written from right to left. */
export function hasRtl(text: string): boolean {
  return RTL.test(text)
}
