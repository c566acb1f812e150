import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { ReportRequest } from '../../src/pipeline/reports/report-request.js'
import { writeReport } from '../../src/pipeline/reports/write-report.js'
import { HttpProblem } from '../../src/server/problem.js'
import type { ServerContext } from '../../src/server/server-context.js'

/** A report while it is made, which ends when the client goes away. */
export async function reportStream(
  { cluster }: ServerContext,
  request: Omit<ReportRequest, 'output'>,
  reply: FastifyReply,
): Promise<Readable> {
  const output = new PassThrough()
  // An error is told by `made`, and by whoever reads.
  output.on('error', () => undefined)
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort(new HttpProblem('REQUEST_TIMEOUT', 'The client has gone away.')))
  const made = writeReport(cluster, { ...request, output }, { signal: gone.signal })
  made.then(
    () => output.end(),
    (error: Error) => output.destroy(error),
  )
  // What fails before the first byte can still be answered as an error; what fails later cuts the answer off.
  await Promise.race([once(output, 'readable'), made])
  return output
}

/** The rows of a report's table. */
export async function* reportRows(
  context: ServerContext,
  request: Pick<ReportRequest, 'report' | 'options' | 'table'>,
  reply: FastifyReply,
): AsyncGenerator<Record<string, unknown>> {
  const output = await reportStream(context, { ...request, format: 'ndjson' }, reply)
  let rest = ''
  // Not by `readline`, which does not hand on the errors of what it reads.
  for await (const piece of output.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as Record<string, unknown>
  }
}

/** Objects as the text of one JSON list, piece by piece. */
export async function jsonList(rows: AsyncGenerator<object>): Promise<Readable> {
  // Asked for before the answer is begun.
  const first = await rows.next()
  async function* pieces(): AsyncGenerator<string> {
    yield first.done === true ? '[' : `[${JSON.stringify(first.value)}`
    for await (const row of rows) yield `,${JSON.stringify(row)}`
    yield ']'
  }
  return Readable.from(pieces(), { objectMode: false })
}
