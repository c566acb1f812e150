import type { Readable } from 'node:stream'
import { HttpProblem } from './problem.js'

/** What arrives in a stream; one in which nothing arrives for so long is given up. The whole may take any time. */
export async function* whileArriving(stream: Readable, idleMs: number): AsyncGenerator<Buffer, void> {
  const late = new HttpProblem('REQUEST_TIMEOUT', `Nothing has arrived for ${Math.round(idleMs / 1000)} seconds.`)
  const timer = setTimeout(() => stream.destroy(late), idleMs)
  try {
    // Whoever stops reading still wants to answer, on the same connection.
    for await (const bytes of stream.iterator({ destroyOnReturn: false })) {
      timer.refresh()
      yield bytes as Buffer
      timer.refresh()
    }
  } finally {
    clearTimeout(timer)
  }
}
