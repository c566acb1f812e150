const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const LIST_OPEN = 91
const LIST_CLOSE = 93
const OBJECT_OPEN = 123
const OBJECT_CLOSE = 125
const LF = 10
/** Deeper than this brackets are only counted, not told apart. */
const DEPTH_MAX = 1_024

/** What ended an element: a comma, the end of the list, or nothing yet. */
export type ElementEnd = ',' | ']' | null

/**
 * Finds where the elements of a JSON list begin and end, in text that comes in pieces. It looks at brackets and strings
 * only; whether an element is JSON is judged by the reader, which finds its elements with this class as well.
 *
 * Invariants:
 * 1. An element is all that stands between two commas of the list, without blanks around it; it may be empty.
 * 2. It depends on the bytes of the element alone, never on how the text is cut into pieces.
 * 3. In a broken element a closing bracket closes the nearest open one of its kind, a string ends with its line, and a
 *    `]` that closes nothing ends the list. So most elements that are broken cost themselves; what never closes costs
 *    the rest of the file, as one record.
 */
export class JsonElements {
  /** The element found last: byte offsets in the file, and its line. An empty one is where its comma is. */
  start = -1
  end = -1
  line: number
  /** Line of what has not been looked at yet. */
  lineNow: number

  /** Whether nothing stands between the commas. */
  get isEmpty(): boolean {
    return this.start === this.end
  }

  /** Whether brackets or a string of the element are still open. */
  get isOpen(): boolean {
    return this.#open.length > 0 || this.#string !== 'none'
  }

  readonly #unitBytes: number
  readonly #open: number[] = []
  /** Lists among the open brackets, and brackets beyond the depth that is kept. */
  #lists = 0
  #beyond = 0
  #string: 'none' | 'inside' | 'escaped' = 'none'
  #text = ''
  #base = 0
  #at = 0
  #isNew = true

  constructor(options: { readonly line: number; readonly unitBytes: number }) {
    this.line = options.line
    this.lineNow = options.line
    this.#unitBytes = options.unitBytes
  }

  /** Takes the next piece of text; the one before has been used up. `offset` is where it begins in the file. */
  load(text: string, offset: number): void {
    this.#text = text
    this.#base = offset
    this.#at = 0
  }

  /** Byte offset of what has not been looked at yet. */
  get offset(): number {
    return this.#base + this.#at * this.#unitBytes
  }

  /** Looks for the end of the element; null when the text is used up. */
  next(): ElementEnd {
    if (this.#isNew) this.#begin()
    const text = this.#text
    while (this.#at < text.length) {
      if (this.#string !== 'none') {
        this.#passString()
        continue
      }
      const code = text.charCodeAt(this.#at)
      if (code === LF) this.lineNow++
      if (code <= 32 && (code === 32 || code === LF || code === 13 || code === 9)) {
        this.#at++
        continue
      }
      const ended = this.#passCode(code)
      if (ended !== null) return ended
    }
    return null
  }

  /** The element as it is when nothing follows; an empty one is where the text ends. */
  finish(): void {
    if (this.#isNew) this.#begin()
    if (this.start === -1) this.#setEmpty()
  }

  #begin(): void {
    this.start = -1
    this.end = -1
    this.#open.length = 0
    this.#lists = 0
    this.#beyond = 0
    this.#isNew = false
  }

  #setEmpty(): void {
    this.start = this.offset
    this.end = this.offset
    this.line = this.lineNow
  }

  #passCode(code: number): ElementEnd {
    const isTop = this.#open.length === 0
    const isEnd = code === LIST_CLOSE && this.#lists + this.#beyond === 0
    if ((isTop && code === COMMA) || isEnd) {
      if (this.start === -1) this.#setEmpty()
      this.#at++
      this.#isNew = true
      return isEnd ? ']' : ','
    }
    if (this.start === -1) {
      this.start = this.offset
      this.line = this.lineNow
    }
    this.#at++
    this.end = this.offset
    if (code === QUOTE) this.#string = 'inside'
    else if (code === LIST_OPEN || code === OBJECT_OPEN) this.#push(code)
    else if (code === LIST_CLOSE || code === OBJECT_CLOSE) this.#close(code === LIST_CLOSE ? LIST_OPEN : OBJECT_OPEN)
    return null
  }

  #push(code: number): void {
    if (this.#open.length >= DEPTH_MAX) {
      this.#beyond++
      return
    }
    this.#open.push(code)
    if (code === LIST_OPEN) this.#lists++
  }

  /** Closes the nearest open bracket of a kind, if there is one. */
  #close(kind: number): void {
    if (this.#beyond > 0) {
      this.#beyond--
      return
    }
    const count = kind === LIST_OPEN ? this.#lists : this.#open.length - this.#lists
    for (let isOpen = count > 0; isOpen; ) {
      const code = this.#open.pop()
      if (code === LIST_OPEN) this.#lists--
      isOpen = code !== kind
    }
  }

  #passString(): void {
    const text = this.#text
    let at = this.#at
    let state = this.#string
    for (; at < text.length && state !== 'none'; at++) {
      const code = text.charCodeAt(at)
      if (code === LF) {
        state = 'none'
        this.lineNow++
      } else if (state === 'escaped') state = 'inside'
      else if (code === BACKSLASH) state = 'escaped'
      else if (code === QUOTE) state = 'none'
    }
    this.#string = state
    this.#at = at
    const hasEndedLine = text.charCodeAt(at - 1) === LF
    this.end = this.offset - (hasEndedLine ? this.#unitBytes : 0)
  }
}
