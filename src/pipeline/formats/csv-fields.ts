const QUOTE = 34

/** Where the fields of one record are and how they are decoded. */
export interface FieldSource {
  readonly text: string
  readonly delimiter: string
  /** No more fields than this are taken. */
  readonly fieldsMax: number
  /** The meaning of a stretch of the text, as the field of that number. */
  decode(from: number, to: number, field: number): string
}

/** The fields of a record that {@link LineRecords} found to be well formed, from `from` up to `end`. */
export function cutFields(source: FieldSource, from: number, end: number): string[] {
  const { delimiter, fieldsMax } = source
  // Cut out first: a search for a delimiter must not run on into the records that follow.
  const record = source.text.slice(from, end)
  const fields: string[] = []
  let at = 0
  while (fields.length < fieldsMax) {
    const isQuoted = record.charCodeAt(at) === QUOTE
    const stop = isQuoted ? closingQuote(record, at) : endOfField(record, at, delimiter)
    const value = source.decode(from + at + (isQuoted ? 1 : 0), from + stop, fields.length)
    fields.push(isQuoted && value.includes('"') ? value.replaceAll('""', '"') : value)
    at = isQuoted ? stop + 1 : stop
    if (at >= record.length) break
    at++
  }
  return fields
}

function endOfField(record: string, from: number, delimiter: string): number {
  const at = record.indexOf(delimiter, from)
  return at === -1 ? record.length : at
}

function closingQuote(record: string, open: number): number {
  let close = record.indexOf('"', open + 1)
  while (record.charCodeAt(close + 1) === QUOTE) close = record.indexOf('"', close + 2)
  return close
}
