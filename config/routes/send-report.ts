import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { PassThrough, Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { ReportRequest } from '../../src/pipeline/reports/report-request.js'
import { writeReport } from '../../src/pipeline/reports/write-report.js'
import type { ServerContext } from '../../src/server/server-context.js'

/** A report while it is made. It stops when the client goes away, or the server is to stop. */
export async function reportStream(
  { cluster, stopping }: ServerContext,
  request: Omit<ReportRequest, 'output'>,
  reply: FastifyReply,
): Promise<Readable> {
  const output = new PassThrough()
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, stopping])
  const made = writeReport(cluster, { ...request, output }, { signal })
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
  const input = await reportStream(context, { ...request, format: 'ndjson' }, reply)
  for await (const line of createInterface({ input })) yield JSON.parse(line) as Record<string, unknown>
}

/** Objects as the text of one JSON list, piece by piece. */
export async function jsonList(rows: AsyncGenerator<object>): Promise<Readable> {
  // Asked for before the answer is begun.
  const first = await rows.next()
  async function* pieces(): AsyncGenerator<string> {
    if (first.done === true) return yield '[]'
    yield `[${JSON.stringify(first.value)}`
    for await (const row of rows) yield `,${JSON.stringify(row)}`
    yield ']'
  }
  return Readable.from(pieces(), { objectMode: false })
}
