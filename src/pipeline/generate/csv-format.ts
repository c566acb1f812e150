import { BROKEN_BYTES, type FormatFlaw, type SampleFormat, type SampleRecord } from './sample-record.js'

const NEEDS_QUOTES = /[",\r\n]/

/** Records of a CSV file with commas, a header line and `\n`. */
export function csvFormat(names: readonly string[]): SampleFormat {
  return {
    head: `${lineOf(names)}\n`,
    tail: '',
    separator: '\n',
    lastEnd: '\n',
    hasHeader: true,
    blanks: ['', '   ', ','.repeat(names.length - 1)],
    flaws: FLAWS,
    canHold: (value) => value === undefined || value === null || typeof value === 'string' || typeof value === 'number',
    write: ({ values }) => lineOf(values),
  }
}

/**
 * What is wrong is wrong within one line. In each of these, and in all sound fields, an ordinary character follows the
 * first quote: so a quote that is not closed never finds one that would pass for its end.
 */
const FLAWS: readonly FormatFlaw[] = [
  { code: 'STRAY_QUOTE', write: (record) => withFirst(record, (text) => `${text}"x`) },
  { code: 'UNCLOSED_QUOTE', write: (record) => withFirst(record, (text) => `"${text}`) },
  { code: 'TEXT_AFTER_QUOTE', write: (record) => withFirst(record, (text) => `"${text}"x`) },
  { code: 'TOO_FEW_FIELDS', write: ({ values }) => lineOf(values.slice(0, -1)) },
  { code: 'TOO_MANY_FIELDS', write: ({ values }, draw) => lineOf([...values, ['', 'x', '0'][draw % 3]]) },
  { code: 'INVALID_ENCODING', write: (record) => withFirst(record, (text) => text + BROKEN_BYTES) },
]

/** The line with its first field written by `write`, as it is. */
function withFirst({ values }: SampleRecord, write: (text: string) => string): string {
  return `${write(String(values[0]))},${lineOf(values.slice(1))}`
}

function lineOf(values: readonly unknown[]): string {
  let line = cellOf(values[0])
  for (let at = 1; at < values.length; at++) line += `,${cellOf(values[at])}`
  return line
}

function cellOf(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value ?? '')
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
