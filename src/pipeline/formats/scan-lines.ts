import type { ChunkCutter } from './chunk-cutter.js'
import { LineRecords } from './line-records.js'
import { lineRulesOf } from './line-rules.js'
import type { SourceShape } from './source-shape.js'
import type { SourceWindow } from './source-window.js'
import { unitBytesOf, windowText } from './text-encoding.js'

/** What a scan works on. The window begins after the byte order mark. */
export interface ScanParts {
  readonly window: SourceWindow
  readonly shape: SourceShape
  readonly cutter: ChunkCutter
}

/** Finds the records of a CSV or NDJSON file and cuts it into chunks. */
export async function scanLines({ window, shape, cutter }: ScanParts): Promise<void> {
  const records = new LineRecords(lineRulesOf(shape))
  let line = 1
  for (;;) {
    const cut = cutText({ window, shape, cutter }, records, line)
    line = cut.line
    if (cut.isLong) {
      const { offset } = window
      cutter.addRefused({ offset, next: await passLongLine(window, shape), line: line++ }, 'LINE_TOO_LONG')
    } else {
      if (window.isEnd) return
      await growForRecord(window, cut.isStuck)
    }
  }
}

/** Cuts what is known of the window and leaves it out at the front. */
function cutText(parts: ScanParts, records: LineRecords, firstLine: number) {
  const { window, shape, cutter } = parts
  const { offset } = window
  const unitBytes = unitBytesOf(shape.encoding)
  const text = windowText(window, shape.encoding)
  records.load(text, { isEnd: window.isEnd })
  let [from, line, isLong] = [0, firstLine, false]
  while (from < text.length) {
    const finding = records.find(from)
    // A long line is passed over apart, whether its end is in sight or not: then its chunk is always its own.
    isLong = finding === 'long' || records.problem === 'LINE_TOO_LONG'
    if (isLong || finding === 'more') break
    cutter.add(offset + from * unitBytes, Math.min(offset + records.next * unitBytes, window.endOffset), line)
    line += records.lines
    from = records.next
  }
  window.drop(from * unitBytes)
  return { line, isLong, isStuck: from === 0 && text.length > 0 }
}

/** A record that fills the window needs twice as much: to look at it again for each read would be quadratic. */
async function growForRecord(window: SourceWindow, isStuck: boolean): Promise<void> {
  const wanted = isStuck ? window.bytes.length * 2 : 0
  do await window.grow()
  while (!window.isEnd && window.bytes.length < wanted)
}

/** Moves the window past the line that it begins with; the answer is where the line ends in the file. */
async function passLongLine(window: SourceWindow, shape: SourceShape): Promise<number> {
  const unitBytes = unitBytesOf(shape.encoding)
  for (;;) {
    const text = windowText(window, shape.encoding)
    const at = text.indexOf(shape.lineEnd)
    if (at !== -1 || window.isEnd) {
      const stop = at === -1 ? text.length : at
      const hasCr = shape.lineEnd === '\n' && text[stop - 1] === '\r'
      const end = Math.min(window.offset + (stop - (hasCr ? 1 : 0)) * unitBytes, window.endOffset)
      window.drop((at === -1 ? stop : stop + 1) * unitBytes)
      return end
    }
    // The last character stays: it may be the CR of the line end.
    window.drop(Math.max(text.length - 1, 0) * unitBytes)
    await window.grow()
  }
}
