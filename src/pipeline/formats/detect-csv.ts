import { cutFields } from './csv-fields.js'
import { LineRecords, type LineRules } from './line-records.js'

const DELIMITERS = [',', ';', '\t', '|'] as const
/** Records that are enough to tell the delimiter. */
const RECORDS_MAX = 100
/** Characters that are enough, when records are long. */
const UNITS_MAX = 256 * 1024
const FIELDS_MAX = 2_049

/** What ends a line: CR alone only where the sample has CR and no LF. */
export function detectLineEnd(text: string): '\n' | '\r' {
  return !text.includes('\n') && text.includes('\r') ? '\r' : '\n'
}

/**
 * The delimiter under which most records of the sample have as many fields as the first one, and at least two. With
 * equal records the one with more fields wins, then the order above; a file with one column has a comma.
 */
export function detectDelimiter(text: string, isWhole: boolean, rules: LineRules): string {
  const sample = text.slice(0, UNITS_MAX)
  const isEnd = isWhole && sample.length === text.length
  let best = { delimiter: ',', share: 0, columns: 1 }
  for (const delimiter of DELIMITERS) {
    const counts = fieldCounts(sample, isEnd, { ...rules, delimiterCode: delimiter.charCodeAt(0) })
    const columns = counts[0] ?? 0
    if (columns < 2) continue
    const share = counts.filter((count) => count === columns).length / counts.length
    if (share > best.share || (share === best.share && columns > best.columns)) best = { delimiter, share, columns }
  }
  return best.delimiter
}

/** Fields of the first records; 0 for a broken one. Blank records do not count. */
function fieldCounts(text: string, isEnd: boolean, rules: LineRules): number[] {
  const records = new LineRecords(rules)
  const delimiter = String.fromCharCode(rules.delimiterCode ?? 0)
  const counts: number[] = []
  records.load(text, { isEnd })
  for (let from = 0; from < text.length && counts.length < RECORDS_MAX; from = records.next) {
    if (records.find(from) !== 'found') break
    const record = text.slice(from, records.end)
    if (record.trim() === '') continue
    if (records.problem !== null) counts.push(0)
    else counts.push(cutFields({ text, delimiter, fieldsMax: FIELDS_MAX, decode: () => '' }, from, records.end).length)
  }
  return counts
}
