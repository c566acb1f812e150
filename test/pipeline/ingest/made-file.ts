/** Files with every kind of trouble, made together with what is to become of each of their records. */
import { gzipSync } from 'node:zlib'

/** A record as it is written, and what is wrong with it. */
export interface MadeRecord {
  readonly bytes: Buffer
  readonly kind: 'data' | 'blank' | 'header'
  /** Codes that its bytes and fields earn it, each with its field: `TOO_SHORT name`. */
  readonly wrong: readonly string[]
  /** False when it cannot be cut into fields at all, so that no database can take its line but control. */
  readonly isReadable: boolean
  readonly code: string
  readonly name?: string
}

/** A file as it is written, and where its records stand in it once it is inflated. */
export interface MadeFile {
  readonly name: string
  readonly content: Buffer
  readonly options: { readonly encoding?: string; readonly path?: string }
  readonly bytes: Buffer
  readonly records: readonly (MadeRecord & { readonly position: number })[]
}

const HEADER = 'code,title,price,day'

/** What a text is in an encoding. */
type Encode = (text: string) => Buffer

const utf8: Encode = (text) => Buffer.from(text)
const utf16: Encode = (text) => Buffer.from(text, 'utf16le')
/** windows-1254 is ISO-8859-1 but for the letters that Turkish has of its own. */
const turkish: Encode = (text) => {
  const codes: Readonly<Record<string, number>> = { Ğ: 0xd0, İ: 0xdd, Ş: 0xde, ğ: 0xf0, ı: 0xfd, ş: 0xfe }
  return Buffer.from([...text].map((letter) => codes[letter] ?? letter.charCodeAt(0)))
}

interface Given {
  readonly code: string
  readonly name: string
  readonly price: string
  readonly day: string
}

/** The good and the bad of both formats: fields, and what is wrong with them. */
function commonRecords(n: string): (Given & { readonly wrong: readonly string[] })[] {
  const good = { name: `Lamp ${n}`, price: '10.50', day: '2024-02-29' }
  return [
    { ...good, code: `a${n}`, wrong: [] },
    { ...good, code: `z${n}`, name: `Işık ğüş ${n}`, day: '01.02.2024', wrong: [] },
    { ...good, code: `b${n}`, day: '', wrong: [] },
    { ...good, code: `c${n}`, price: '-5', wrong: ['TOO_LOW price'] },
    { ...good, code: `d${n}`, name: 'x', price: 'abc', wrong: ['NOT_A_NUMBER price', 'TOO_SHORT name'] },
    { ...good, code: `e${n}`, day: '31.02.2024', wrong: ['NOT_A_DATE day'] },
    { ...good, code: `f${n}`, name: 'Forbidden', wrong: [] },
    // The same bytes, the same code with other content, and the same bytes of records that were refused.
    { ...good, code: `a${n}`, wrong: [] },
    { ...good, code: `a${n}`, price: '11', wrong: [] },
    { ...good, code: `c${n}`, price: '-5', wrong: ['TOO_LOW price'] },
    { ...good, code: `a${n}`, price: '11', wrong: [] },
    { ...good, code: `f${n}`, name: 'Forbidden', wrong: [] },
    // Refused by the table alone, its code taken or still free; a free one goes to the next.
    { ...good, code: `a${n}`, name: 'Forbidden', wrong: [] },
    { ...good, code: `w${n}`, name: 'Forbidden', wrong: [] },
    { ...good, code: `w${n}`, wrong: [] },
    { ...good, code: '', wrong: ['EMPTY code'] },
    { ...good, code: 'y'.repeat(21), wrong: ['TOO_LONG code'] },
  ]
}

const BLANK: Omit<MadeRecord, 'bytes'> = { kind: 'blank', wrong: [], isReadable: false, code: '' }
const BROKEN = (code: string, field = ''): Omit<MadeRecord, 'bytes'> => ({
  kind: 'data',
  wrong: [`${code} ${field}`],
  isReadable: false,
  code: '',
})

function csvRecords(times: number, encode: Encode): MadeRecord[] {
  return Array.from({ length: times }, (_, number) => csvBatch(String(number), encode)).flat()
}

function csvBatch(n: string, encode: Encode): MadeRecord[] {
  const line = ({ code, name, price, day }: Given) => `${code},${name},${price},${day}`
  const common = commonRecords(n).map(
    (given): MadeRecord => ({ ...given, bytes: encode(line(given)), kind: 'data', isReadable: true }),
  )
  const quoted = encode(`"q${n}","A ""long"" name,\nover two lines",3,`)
  return [
    ...common,
    { bytes: quoted, kind: 'data', wrong: [], isReadable: true, code: `q${n}` },
    { ...BLANK, bytes: encode('') },
    { ...BLANK, bytes: encode(' ,,, ') },
    { bytes: encode(HEADER), kind: 'header', wrong: [], isReadable: false, code: '' },
    { ...BROKEN('TOO_FEW_FIELDS'), bytes: encode(`g${n},Two`) },
    { ...BROKEN('TOO_MANY_FIELDS'), bytes: encode(`h${n},Five,1,,5`) },
    { ...BROKEN('STRAY_QUOTE'), bytes: encode(`i${n},19" screen,1,`) },
    { ...BROKEN('TEXT_AFTER_QUOTE'), bytes: encode(`j${n},"Lamp" and more,1,`) },
    { ...BROKEN('UNCLOSED_QUOTE'), bytes: encode(`k${n},"Lamp,1,`) },
    { bytes: encode(`l${n},After the quote,1,`), kind: 'data', wrong: [], isReadable: true, code: `l${n}` },
  ]
}

function invalidUtf8(n: number): MadeRecord {
  return { ...BROKEN('INVALID_ENCODING', 'title'), bytes: Buffer.from(`m${n},L\xe4mp,1,`, 'latin1') }
}

function jsonRecords(times: number): MadeRecord[] {
  return Array.from({ length: times }, (_, number) => jsonBatch(String(number))).flat()
}

function jsonBatch(n: string): MadeRecord[] {
  const common = commonRecords(n).map((given): MadeRecord => {
    const { code, name, price, day } = given
    const text = JSON.stringify({ code, title: name, price, day })
    return { ...given, bytes: utf8(text), kind: 'data', isReadable: true }
  })
  const rest = `"title":"Lamp","price":1`
  return [
    ...common,
    { ...BROKEN('NOT_AN_OBJECT'), bytes: utf8(`["h${n}"]`) },
    { ...BROKEN('NOT_AN_OBJECT'), bytes: utf8('42') },
    { ...BROKEN('DUPLICATE_KEY', 'code'), bytes: utf8(`{"code":"g${n}","code":"h${n}",${rest}}`) },
    { ...BROKEN('FORBIDDEN_KEY', '__proto__'), bytes: utf8(`{"code":"i${n}",${rest},"__proto__":{}}`) },
    { ...BROKEN('UNSAFE_INTEGER', 'more'), bytes: utf8(`{"code":"j${n}",${rest},"more":9007199254740993}`) },
  ]
}

/** Lines of a file that are no JSON; a list of them would not be a list. */
function ndjsonBroken(n: string): MadeRecord[] {
  return [
    { ...BLANK, bytes: utf8('') },
    { ...BLANK, bytes: utf8('  \t') },
    { ...BROKEN('INVALID_JSON'), bytes: utf8(`{"code":"k${n}"`) },
    { ...BROKEN('INVALID_JSON'), bytes: utf8('code=1') },
  ]
}

function inLines(records: readonly MadeRecord[], mark: Buffer, lineEnd: Buffer): Pick<MadeFile, 'bytes' | 'records'> {
  const parts: Buffer[] = [mark]
  let at = mark.length
  const placed = records.map((record) => {
    const position = at
    parts.push(record.bytes, lineEnd)
    at += record.bytes.length + lineEnd.length
    return { ...record, position }
  })
  return { bytes: Buffer.concat(parts), records: placed }
}

function inList(records: readonly MadeRecord[], before: string, after: string): Pick<MadeFile, 'bytes' | 'records'> {
  const parts: Buffer[] = [Buffer.from(before)]
  let at = before.length
  const placed = records.map((record, index) => {
    const comma = index === 0 ? '' : ' ,\n'
    parts.push(Buffer.from(comma), record.bytes)
    const position = at + comma.length
    at = position + record.bytes.length
    return { ...record, position }
  })
  return { bytes: Buffer.concat([...parts, Buffer.from(after)]), records: placed }
}

function csvFile(name: string, times: number, more: Partial<MadeFile> = {}): MadeFile {
  const header: MadeRecord = { bytes: utf8(HEADER), kind: 'header', wrong: [], isReadable: false, code: '' }
  const records = [header, ...csvRecords(times, utf8), invalidUtf8(0), invalidUtf8(1)]
  const made = inLines(records, Buffer.alloc(0), utf8('\n'))
  return { name, content: made.bytes, options: {}, ...made, ...more }
}

function encodedCsv(name: string, encode: Encode, more: { mark?: string; lineEnd?: string; encoding?: string }) {
  const { mark = '', lineEnd = '\n', encoding } = more
  const header: MadeRecord = { bytes: encode(HEADER), kind: 'header', wrong: [], isReadable: false, code: '' }
  const made = inLines([header, ...csvRecords(2, encode)], encode(mark), encode(lineEnd))
  return { name, content: made.bytes, options: encoding === undefined ? {} : { encoding }, ...made }
}

/** One file of every format, in every dress that it comes in. `times` says how much of it. */
export function madeFiles(times: number): MadeFile[] {
  const csv = csvFile('plain.csv', times)
  const ndjson = inLines([...jsonRecords(times), ...ndjsonBroken('0'), ...ndjsonBroken('1')], utf8(''), utf8('\n'))
  const list = inList(jsonRecords(times), '[\n  ', '\n]\n')
  const wrapped = inList(jsonRecords(times), '{"total": 3, "items": [', '], "limit": 0}')
  return [
    csv,
    { ...csv, name: 'packed.csv.gz', content: gzipSync(csv.bytes) },
    encodedCsv('marked.csv', utf8, { mark: '\ufeff', lineEnd: '\r\n' }),
    encodedCsv('wide.csv', utf16, { mark: '\ufeff' }),
    encodedCsv('turkish.csv', turkish, { encoding: 'windows-1254' }),
    { name: 'lines.ndjson', content: ndjson.bytes, options: {}, ...ndjson },
    { name: 'list.json', content: list.bytes, options: {}, ...list },
    { name: 'wrapped.json', content: wrapped.bytes, options: { path: 'items' }, ...wrapped },
  ]
}

/** What becomes of a record, as the ledger has it. */
export interface Expected {
  readonly database: string
  readonly outcome: string
  readonly position: number
  readonly length: number
  /** Sorted: `CODE field`. */
  readonly codes: readonly string[]
}

/** What is stored so far: codes of items, and bytes under their header. */
export interface Stored {
  readonly codes: Set<string>
  readonly bytes: Set<string>
}

/** The rules of an ingestion of items, told once more: what becomes of the records of a file. */
export function expectedOf({ records }: Pick<MadeFile, 'records'>, stored: Stored): Expected[] {
  return records.map(({ bytes, kind, wrong, isReadable, code, name, position }) => {
    const at = { position, length: bytes.length }
    const judged = (outcome: string, codes: readonly string[] = []): Expected => ({
      ...at,
      database: isReadable ? 'north' : 'control',
      outcome,
      codes: codes.toSorted(),
    })
    if (kind !== 'data') return judged(kind)
    if (wrong.length > 0) return judged('rejected', wrong)
    const text = bytes.toString('latin1')
    if (stored.bytes.has(text)) return judged('duplicate')
    if (stored.codes.has(code)) return judged('rejected', ['NOT_UNIQUE code'])
    if (name === 'Forbidden') return judged('rejected', ['REFUSED_BY_DATABASE '])
    stored.bytes.add(text)
    stored.codes.add(code)
    return judged('accepted')
  })
}

/** How often each outcome is met. */
export function countsOf(expected: readonly Pick<Expected, 'outcome'>[]): Record<string, number> {
  const counts: Record<string, number> = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  for (const { outcome } of expected) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}
