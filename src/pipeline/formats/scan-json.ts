import { JsonElements } from './json-elements.js'
import { checkOuter } from './json-path.js'
import type { ScanParts } from './scan-lines.js'
import { meaningOf, unitBytesOf, windowText } from './text-encoding.js'

/** What a JSON scan needs besides. */
export interface JsonScanParts extends ScanParts {
  /** Whether the caller said where the list is. */
  readonly isPathWanted: boolean
}

const LF = 10

/** Finds the records of a JSON document and cuts it into chunks. */
export async function scanJson(parts: JsonScanParts): Promise<void> {
  const { window, shape } = parts
  const { path } = shape
  if (path === null) return addRest(parts, 1)
  while (window.endOffset < shape.bodyOffset && !window.isEnd) await window.grow()
  const unitBytes = unitBytesOf(shape.encoding)
  const head = windowText(window, shape.encoding).slice(0, (shape.bodyOffset - window.offset) / unitBytes)
  window.drop(head.length * unitBytes)
  const elements = new JsonElements({ line: countLines(head) + 1, unitBytes })
  if (!(await scanList(parts, elements))) return addCutOff(parts, elements)
  if (path !== '' && (await isOuterWhole(parts, head, path))) return
  return addRest(parts, elements.lineNow)
}

/** Adds the elements of the list; the answer is whether the list is closed, and then the window begins after it. */
async function scanList(parts: JsonScanParts, elements: JsonElements): Promise<boolean> {
  const { window, shape } = parts
  for (let count = 0; ; ) {
    const text = windowText(window, shape.encoding)
    elements.load(text, window.offset)
    for (let ended = elements.next(); ended !== null; ended = elements.next()) {
      const isNothing = ended === ']' && count === 0 && elements.isEmpty
      if (!isNothing) addElement(parts, elements)
      if (ended === ']') {
        window.drop(elements.offset - window.offset)
        return true
      }
      count++
    }
    window.drop(text.length * unitBytesOf(shape.encoding))
    if (window.isEnd) return false
    await window.grow()
  }
}

function addElement({ window, shape, cutter }: JsonScanParts, elements: JsonElements): void {
  const { start, line } = elements
  const end = Math.min(elements.end, window.endOffset)
  if (end - start <= shape.limits.recordBytes) cutter.add(start, end, line)
  else cutter.addRefused({ offset: start, next: end, line }, 'RECORD_TOO_LONG')
}

/** The list is not closed: the element that is open is cut off, or what should follow the last one is missing. */
function addCutOff(parts: JsonScanParts, elements: JsonElements): void {
  const { window, cutter } = parts
  elements.finish()
  if (!elements.isEmpty && !elements.isOpen) addElement(parts, elements)
  const isInside = !elements.isEmpty && elements.isOpen
  const place = isInside
    ? { offset: elements.start, next: Math.min(elements.end, window.endOffset), line: elements.line }
    : { offset: window.endOffset, next: window.endOffset, line: elements.lineNow }
  cutter.addRefused(place, 'CUT_OFF')
}

/** Reads what follows the list and judges it together with what stands before it; false when it is no object. */
async function isOuterWhole({ window, shape, isPathWanted }: JsonScanParts, head: string, path: string) {
  while (!window.isEnd && window.bytes.length <= shape.limits.recordBytes) await window.grow()
  if (!window.isEnd) return false
  const tail = windowText(window, shape.encoding)
  const outer = meaningOf(`${head}]${tail}`, shape.encoding)
  if (!checkOuter(outer, path, { isWanted: isPathWanted })) return false
  window.drop(window.bytes.length)
  return true
}

/**
 * Adds the rest of the file as one record, if there is more than blanks: it is the document, when that is one record;
 * after a list it is what should not be there, or the sign that the outer object is not closed.
 */
async function addRest(parts: JsonScanParts, firstLine: number): Promise<void> {
  const { window, shape, cutter } = parts
  const { start, end, line, lineEnd } = await passRest(parts, firstLine)
  const isDocument = shape.path === null
  if (start === -1) {
    const { endOffset: offset } = window
    if (!isDocument && shape.path !== '') cutter.addRefused({ offset, next: offset, line: lineEnd }, 'CUT_OFF')
    return
  }
  const isWithin = end - start <= shape.limits.recordBytes
  if (isDocument && isWithin) cutter.add(start, end, line)
  else cutter.addRefused({ offset: start, next: end, line }, isDocument ? 'RECORD_TOO_LONG' : 'TEXT_AFTER_END')
}

/** Moves the window to the end of the file; says where the first and the last character are that are not blank. */
async function passRest({ window, shape }: JsonScanParts, firstLine: number) {
  const unitBytes = unitBytesOf(shape.encoding)
  let [start, end, line, lineEnd] = [-1, -1, firstLine, firstLine]
  for (;;) {
    const text = windowText(window, shape.encoding)
    const first = text.search(/[^ \t\r\n]/)
    if (start === -1 && first !== -1) {
      start = window.offset + first * unitBytes
      line = lineEnd + countLines(text.slice(0, first))
    }
    if (first !== -1) end = Math.min(window.offset + lengthWithoutBlanks(text) * unitBytes, window.endOffset)
    lineEnd += countLines(text)
    window.drop(text.length * unitBytes)
    if (window.isEnd) return { start, end, line, lineEnd }
    await window.grow()
  }
}

function lengthWithoutBlanks(text: string): number {
  let length = text.length
  while (length > 0 && ' \t\r\n'.includes(text.charAt(length - 1))) length--
  return length
}

function countLines(text: string): number {
  let lines = 0
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === LF) lines++
  return lines
}
