import { DIGITS_SAFE, numberProblem } from './json-number.js'
import { recordReason, valueReason } from './format-reasons.js'
import type { FormatCode, FormatReason, RecordLimits } from './source-shape.js'

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
/** Reasons that one record can have; more would say nothing new. */
const REASONS_MAX = 20
/** Up to so many keys a list is searched faster than a set is filled. */
const LIST_MAX = 16
/** A JSON text that was judged: its value, and all that is wrong with it. With reasons the value must not be used. */
export interface JsonVerdict {
  readonly value: unknown
  readonly reasons: readonly FormatReason[]
}

const NONE: readonly never[] = Object.freeze([])

/**
 * Judges a whole JSON text, of any kind of value. The syntax is exactly that of `JSON.parse`; beyond it the text must
 * keep the limits and must mean one thing only: no key twice, no number that a double would change.
 */
export function checkJson(text: string, limits: RecordLimits): JsonVerdict {
  return new JsonChecker(limits).check(text)
}

/** V8 quotes the text around the error; only the position is taken, for a file may hold what nobody should see. */
function syntaxReason({ message }: Error): FormatReason {
  const position = /position (\d+)/.exec(message)?.[1]
  const where = /end of JSON|Unterminated/.test(message)
    ? ': it ends too early'
    : position && `, at character ${position}`
  return recordReason(
    'INVALID_JSON',
    `The record is not JSON${where ?? ''}.`,
    'Mend the brackets, quotes and commas of the record.',
  )
}

/** An object or list that the walk is inside of. One for each depth is kept and used again. */
interface Level {
  isList: boolean
  /** The keys so far; a set when they are many. */
  readonly keys: string[]
  keySet: Set<string> | null
  /** Where the walk is: the last key, or the index in the list. */
  key: string
  index: number
}

/** Judges one text after the other as {@link checkJson} does: one pass over each, without recursion. */
export class JsonChecker {
  readonly #limits: RecordLimits
  readonly #levels: Level[] = []
  #text = ''
  #depth = 0
  #level: Level | undefined
  #reasons: FormatReason[] = []
  #isKeyNext = false
  #keys = 0
  #escapeAt = -1

  constructor(limits: RecordLimits) {
    this.#limits = limits
  }

  check(text: string): JsonVerdict {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      return { value: undefined, reasons: [syntaxReason(cause as Error)] }
    }
    this.#start(text)
    this.#walk()
    if (!text.isWellFormed()) this.#addSurrogate([])
    return { value, reasons: this.#reasons.length === 0 ? NONE : this.#reasons }
  }

  #start(text: string): void {
    this.#text = text
    this.#depth = 0
    this.#level = undefined
    this.#isKeyNext = false
    this.#keys = 0
    this.#escapeAt = -1
    if (this.#reasons.length > 0) this.#reasons = []
  }

  /** The text is known to be JSON. */
  #walk(): void {
    const text = this.#text
    let at = 0
    while (at < text.length) {
      const code = text.charCodeAt(at)
      if (code === 34) at = this.#passString(at)
      else if (code === 45 || (code >= 48 && code <= 57)) at = this.#passNumber(at)
      else {
        if (code === 123 || code === 91) this.#open(code === 91)
        else if (code === 125 || code === 93) this.#close()
        else if (code === 44) this.#passComma()
        at++
      }
      if (this.#reasons.length >= REASONS_MAX || this.#depth > this.#limits.jsonDepth) return
    }
  }

  #open(isList: boolean): void {
    let level = this.#levels[this.#depth]
    if (level === undefined) {
      level = { isList, keys: [], keySet: null, key: '', index: 0 }
      this.#levels.push(level)
    } else {
      level.isList = isList
      level.keys.length = 0
      level.keySet = null
      level.index = 0
    }
    this.#level = level
    this.#isKeyNext = !isList
    const max = this.#limits.jsonDepth
    if (++this.#depth > max) {
      this.#add('TOO_DEEP', `The record is nested more than ${max} levels deep.`, 'Flatten the record.')
    }
  }

  #close(): void {
    this.#depth--
    this.#level = this.#levels[this.#depth - 1]
    this.#isKeyNext = false
  }

  #passComma(): void {
    const level = this.#level
    if (level === undefined) return
    if (level.isList) level.index++
    else this.#isKeyNext = true
  }

  #passString(at: number): number {
    const text = this.#text
    if (this.#escapeAt < at && this.#escapeAt < text.length) {
      const next = text.indexOf('\\', at)
      this.#escapeAt = next === -1 ? text.length : next
    }
    let end = text.indexOf('"', at + 1)
    const hasEscapes = this.#escapeAt < end
    if (hasEscapes) end = this.#endOfEscaped(at)
    if (this.#isKeyNext) this.#takeKey(at, end, hasEscapes)
    else if (hasEscapes) this.#checkEscapes(text.slice(at, end + 1))
    if (end - at - 1 > this.#limits.stringLength) {
      const { stringLength } = this.#limits
      this.#add('VALUE_TOO_LONG', `The text has more than ${stringLength} characters.`, 'Shorten the text.')
    }
    return end + 1
  }

  #endOfEscaped(at: number): number {
    const text = this.#text
    let end = at + 1
    for (let code = text.charCodeAt(end); code !== 34; code = text.charCodeAt(end)) end += code === 92 ? 2 : 1
    return end
  }

  #takeKey(at: number, end: number, hasEscapes: boolean): void {
    this.#isKeyNext = false
    const level = this.#level
    if (level === undefined) return
    const key = hasEscapes ? (JSON.parse(this.#text.slice(at, end + 1)) as string) : this.#text.slice(at + 1, end)
    level.key = key
    if (isTaken(level, key)) {
      this.#add('DUPLICATE_KEY', 'The key stands twice in one object.', 'Remove one of the two, or rename it.')
    }
    if (FORBIDDEN.has(key)) this.#add('FORBIDDEN_KEY', 'A key of this name is refused.', 'Rename the key.')
    if (hasEscapes && !key.isWellFormed()) this.#addSurrogate(this.#path())
    if (++this.#keys === this.#limits.jsonKeys + 1) {
      const max = this.#limits.jsonKeys
      this.#reasons.push(
        recordReason('TOO_MANY_KEYS', `The record has more than ${max} keys.`, 'Split the record into several.'),
      )
    }
  }

  #checkEscapes(literal: string): void {
    if (literal.includes('\\u') && !(JSON.parse(literal) as string).isWellFormed()) this.#addSurrogate(this.#path())
  }

  #passNumber(at: number): number {
    const text = this.#text
    let end = at + 1
    let hasPower = false
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      // Digits, signs and the point lie together, with a comma and a slash among them.
      if (code === 101 || code === 69) hasPower = true
      else if (code > 57 || code < 43 || code === 44) break
    }
    if (hasPower || end - at > DIGITS_SAFE) {
      const problem = numberProblem(text.slice(at, end), this.#limits.numberLength)
      if (problem !== null) this.#add(problem.code, problem.message, problem.fix)
    }
    return end
  }

  #path(): (string | number)[] {
    return this.#levels.slice(0, this.#depth).map(({ isList, index, key }) => (isList ? index : key))
  }

  #addSurrogate(path: (string | number)[]): void {
    this.#reasons.push(
      valueReason('INVALID_ENCODING', path, {
        message: 'The text has half of a surrogate pair.',
        fix: 'Write both halves, or the character itself.',
      }),
    )
  }

  #add(code: FormatCode, message: string, fix: string): void {
    const path = code === 'TOO_DEEP' ? [] : this.#path()
    this.#reasons.push(valueReason(code, path, { message, fix }))
  }
}

/** Whether the object has the key already; from now on it has. */
function isTaken(level: Level, key: string): boolean {
  const { keys, keySet } = level
  if (keySet !== null) {
    const { size } = keySet
    return keySet.add(key).size === size
  }
  if (keys.includes(key)) return true
  keys.push(key)
  if (keys.length > LIST_MAX) level.keySet = new Set(keys)
  return false
}
