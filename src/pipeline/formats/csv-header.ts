import { cutFields } from './csv-fields.js'
import { LineRecords, type LineRules } from './line-records.js'
import { sourceUnreadable } from './source-unreadable.js'
import { unitBytesOf, unitDecoder, unitText } from './text-encoding.js'

/** Most columns of a CSV file. */
export const COLUMNS_MAX = 2_048
const REFUSED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const BLANK = /^[ \t\r]*$/

/** The first bytes of a file after its byte order mark. */
export interface Sample {
  readonly bytes: Buffer
  /** Bytes of the mark before them. */
  readonly offset: number
  readonly encoding: string
  /** Whether the file ends with them. */
  readonly isWhole: boolean
}

/**
 * The names in the first record of a file that is not blank; none when all of it is blank.
 *
 * @throws SY_SOURCE_UNREADABLE when the record is broken, ends beyond the sample or has names that cannot be used
 */
export function readHeader(sample: Sample, rules: LineRules, delimiter: string): readonly string[] {
  const { bytes, encoding } = sample
  const text = unitText(bytes.subarray(0, bytes.length - (sample.isWhole ? 0 : bytes.length % 2)), encoding)
  const records = new LineRecords(rules)
  records.load(text, { isEnd: sample.isWhole })
  let line = 1
  for (let from = 0; from < text.length; from = records.next) {
    const finding = records.find(from)
    if (finding !== 'found' || records.problem !== null) {
      throw unreadable(line, sample.offset + from * unitBytesOf(encoding), records.problem ?? 'LINE_TOO_LONG')
    }
    if (!BLANK.test(text.slice(from, records.end).replaceAll(delimiter, ''))) {
      const names = decodeNames(sample, text, { from, end: records.end, delimiter, line })
      return checkNames(names, `the header in line ${line}`)
    }
    line += records.lines
  }
  return []
}

function decodeNames(
  { bytes, offset, encoding }: Sample,
  text: string,
  at: { readonly from: number; readonly end: number; readonly delimiter: string; readonly line: number },
): string[] {
  const decoder = unitDecoder(bytes, text, encoding)
  const decode = (from: number, to: number) => {
    const name = decoder.decode(from, to)
    if (decoder.invalidAt === -1) return name
    const where = `line ${at.line}, byte ${offset + decoder.invalidAt}`
    throw sourceUnreadable(
      `The header is not valid ${encoding} (${where}). Save the file as UTF-8, or say which encoding it has.`,
      { details: { line: at.line, offset: offset + decoder.invalidAt, encoding } },
    )
  }
  return cutFields({ text, delimiter: at.delimiter, fieldsMax: COLUMNS_MAX + 1, decode }, at.from, at.end)
}

/** The names when they can be used as the names of columns; `where` is for the message. */
export function checkNames(names: readonly string[], where: string): readonly string[] {
  const problem = problemOf(names)
  if (problem !== undefined) throw sourceUnreadable(`In ${where}, ${problem}`, { details: { columns: names.length } })
  return names
}

function problemOf(names: readonly string[]): string | undefined {
  if (names.length > COLUMNS_MAX) return `there are more than ${COLUMNS_MAX} columns. Split the file by columns.`
  const seen = new Map<string, number>()
  for (const [index, given] of names.entries()) {
    const name = given.trim()
    const quoted = JSON.stringify(name.slice(0, 80))
    if (REFUSED_NAMES.has(name)) return `the column name ${quoted} is refused. Rename it.`
    if (name.includes('\0')) {
      return `the name of column ${index + 1} has a NUL. If the file is UTF-16, say so as its encoding.`
    }
    const first = seen.get(name)
    if (first !== undefined) {
      const both = `columns ${first + 1} and ${index + 1}`
      return name === '' ? `${both} have no name. Name them.` : `${both} have the same name ${quoted}. Rename one.`
    }
    seen.set(name, index)
  }
  return undefined
}

function unreadable(line: number, offset: number, problem: string): Error {
  return sourceUnreadable(
    `The header in line ${line} (byte ${offset}) cannot be read: ${problem}. Mend the line, or give the names of the columns.`,
    { details: { line, offset, problem } },
  )
}
