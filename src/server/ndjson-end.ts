import { createHash } from 'node:crypto'

/** A list of lines, and a last one by which a reader knows that none is missing. */
export async function* withEnd(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  const hash = createHash('sha256')
  let count = 0
  for await (const line of lines) {
    hash.update(line)
    count += 1
    yield line
  }
  yield `${JSON.stringify({ _end: true, count, sha256: hash.digest('hex') })}\n`
}
