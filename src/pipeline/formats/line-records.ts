const QUOTE = 34
const LF = 10
const CR = 13

/** How records are told apart in lines of text. */
export interface LineRules {
  readonly lineEnd: '\n' | '\r'
  /** Code of the character between two fields; null when quotes have no meaning, as in NDJSON. */
  readonly delimiterCode: number | null
  /** Limits in units of the text: bytes, or pairs of bytes for UTF-16. */
  readonly recordUnits: number
  readonly recordLines: number
}

/** What is wrong with the bounds of a record. */
export type LineProblem = 'UNCLOSED_QUOTE' | 'TEXT_AFTER_QUOTE' | 'STRAY_QUOTE' | 'LINE_TOO_LONG'

/** found: the record is known. more: the text ends too early to say. long: a line beyond the limit, its end not in sight. */
export type Finding = 'found' | 'more' | 'long'

/**
 * Finds where the records of CSV and NDJSON begin and end. The scan and the readers both use it, so they cannot
 * disagree. The text has one character for each unit of the file, and begins at the start of a record.
 *
 * Invariants:
 * 1. A record with broken quotes costs its first physical line and no more.
 * 2. What is found depends only on the bytes from the record on, never on where the text ends: a problem beyond the
 *    first line is always UNCLOSED_QUOTE, because a reader may see less of what follows than the scan did.
 * 3. The work is linear whatever the file holds. A line with an odd number of quotes turns "outside" into "inside" and
 *    back, so between a line that opens a quote and the place where its search ends no other line can open one: two
 *    long searches never overlap.
 */
export class LineRecords {
  /** The record found last: `end` is without its line end, `next` is where the following one starts. */
  end = 0
  next = 0
  /** Physical lines of the record. */
  lines = 1
  isQuoted = false
  problem: LineProblem | null = null

  readonly #rules: LineRules
  #text = ''
  #isEnd = false
  #lineAt = -1
  #quoteAt = -1

  constructor(rules: LineRules) {
    this.#rules = rules
  }

  /** Takes a stretch of text; `isEnd` when nothing follows it. */
  load(text: string, { isEnd }: { readonly isEnd: boolean }): void {
    this.#text = text
    this.#isEnd = isEnd
    this.#lineAt = -1
    this.#quoteAt = this.#rules.delimiterCode === null ? text.length : -1
  }

  find(from: number): Finding {
    const lineAt = this.#nextLine(from)
    const end = this.#contentEnd(from, lineAt)
    this.lines = 1
    this.isQuoted = false
    this.problem = null
    this.end = end
    this.next = lineAt + 1
    if (lineAt === this.#text.length) {
      if (!this.#isEnd) return this.#isWithin(from) ? 'more' : 'long'
      this.next = lineAt
    }
    if (end - from > this.#rules.recordUnits) {
      this.problem = 'LINE_TOO_LONG'
      return 'found'
    }
    const quoteAt = this.#nextQuote(from)
    return quoteAt >= lineAt ? 'found' : this.#findQuoted(from, quoteAt)
  }

  #findQuoted(from: number, quoteAt: number): Finding {
    const text = this.#text
    const { delimiterCode } = this.#rules
    this.isQuoted = true
    let open = quoteAt
    let lines = 1
    for (;;) {
      if (open !== from && text.charCodeAt(open - 1) !== delimiterCode) return this.#broken('STRAY_QUOTE', lines)
      const close = this.#closingQuote(open)
      if (close === -1 || close + 1 === text.length) {
        if (!this.#isEnd && this.#isWithin(from)) return 'more'
        if (close === -1) return this.#broken('UNCLOSED_QUOTE', 2)
      }
      lines += this.#linesBetween(open, close)
      if (lines > this.#rules.recordLines) return this.#broken('UNCLOSED_QUOTE', 2)
      const after = close + 1
      const lineAt = this.#nextLine(after)
      if (text.charCodeAt(after) === delimiterCode) {
        open = this.#nextQuote(after + 1)
        if (open < lineAt) continue
      } else if (after !== this.#contentEnd(after, lineAt)) {
        return this.#broken('TEXT_AFTER_QUOTE', lines)
      }
      return this.#closed(from, lineAt, lines)
    }
  }

  /** The record ends with the line end at `lineAt`, if that is within the limits. */
  #closed(from: number, lineAt: number, lines: number): Finding {
    if (lineAt === this.#text.length && !this.#isEnd && this.#isWithin(from)) return 'more'
    const end = this.#contentEnd(from, lineAt)
    if (end - from > this.#rules.recordUnits) return this.#broken('UNCLOSED_QUOTE', 2)
    this.end = end
    this.next = Math.min(lineAt + 1, this.#text.length)
    this.lines = lines
    return 'found'
  }

  /** `end` and `next` are those of the first physical line already; what was found ahead of them is found again. */
  #broken(problem: LineProblem, lines: number): Finding {
    this.#lineAt = -1
    this.#quoteAt = -1
    this.problem = lines === 1 ? problem : 'UNCLOSED_QUOTE'
    return 'found'
  }

  /** Whether a longer text could still show a record within the limit; the line end may take one unit more. */
  #isWithin(from: number): boolean {
    return this.#text.length - from <= this.#rules.recordUnits + 1
  }

  #closingQuote(open: number): number {
    const text = this.#text
    let close = text.indexOf('"', open + 1)
    while (close !== -1 && text.charCodeAt(close + 1) === QUOTE) close = text.indexOf('"', close + 2)
    return close
  }

  /** Line ends from `from` up to `to`; stops counting beyond the limit. */
  #linesBetween(from: number, to: number): number {
    let lines = 0
    for (let at = this.#nextLine(from); at < to && lines <= this.#rules.recordLines; at = this.#nextLine(at + 1)) {
      lines++
    }
    return lines
  }

  #nextLine(from: number): number {
    if (this.#lineAt < from) {
      const at = this.#text.indexOf(this.#rules.lineEnd, from)
      this.#lineAt = at === -1 ? this.#text.length : at
    }
    return this.#lineAt
  }

  #nextQuote(from: number): number {
    if (this.#quoteAt < from) {
      const at = this.#text.indexOf('"', from)
      this.#quoteAt = at === -1 ? this.#text.length : at
    }
    return this.#quoteAt
  }

  /** Where the line that ends at `lineAt` ends without its CR; at the end of the file a last CR is half a line end. */
  #contentEnd(from: number, lineAt: number): number {
    const before = lineAt - 1
    const isCrLf = this.#rules.lineEnd.charCodeAt(0) === LF && before >= from && this.#text.charCodeAt(before) === CR
    return isCrLf ? before : lineAt
  }
}
