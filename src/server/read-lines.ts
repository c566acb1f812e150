/** The lines of a body that streams in. */
import type { Readable } from 'node:stream'

const LINE_END = 10

/**
 * The lines that are not blank, as many at a time as came at a time; `bytesMax` is for one line. One that is
 * longer is not kept, and told as undefined.
 */
export async function* readLines(
  source: Readable,
  bytesMax: number,
): AsyncGenerator<readonly (Buffer | undefined)[], void, undefined> {
  let rest: Buffer[] = []
  let restBytes = 0
  let isTooLong = false
  const keep = (bytes: Buffer) => {
    restBytes += bytes.length
    if (restBytes > bytesMax) {
      isTooLong = true
      rest = []
    } else if (bytes.length > 0) rest.push(bytes)
  }
  const take = () => {
    const line = isTooLong ? undefined : Buffer.concat(rest)
    rest = []
    restBytes = 0
    isTooLong = false
    return line
  }
  for await (const bytes of source as AsyncIterable<Buffer>) {
    const lines: (Buffer | undefined)[] = []
    let from = 0
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      keep(bytes.subarray(from, end))
      lines.push(take())
      from = end + 1
    }
    keep(bytes.subarray(from))
    yield lines.filter(isFilled)
  }
  yield [take()].filter(isFilled)
}

function isFilled(line: Buffer | undefined): boolean {
  return line === undefined || line.some((byte) => byte !== 32 && byte !== 13 && byte !== 9)
}
