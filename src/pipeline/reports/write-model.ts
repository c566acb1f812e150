import type { Writable } from 'node:stream'
import { untilAborted } from '../../util/until-aborted.js'
import type { ReportModel } from './report-model.js'
import { ReportOutput } from './report-output.js'
import type { ReportWriter, WriterOptions } from './writers/report-writer.js'

/** A report that has been written. */
export interface ReportResult {
  /** When it went to a file. */
  readonly file?: string
  readonly sizeBytes: number
  /** Of its bytes, in hex. */
  readonly sha256: string
  /** Rows of the tables that were written. */
  readonly rows: number
  /** Of formats that have pages. */
  readonly pages?: number
}

/**
 * Writes a model to a file or a stream. A file is made beside its name and then put in its place: when anything fails,
 * or the signal aborts, what was there before is still there and nothing else is.
 */
export async function writeModel(
  model: ReportModel,
  writer: ReportWriter,
  place: string | Writable,
  options: Partial<WriterOptions> = {},
): Promise<ReportResult> {
  const { isRaw = false, table, template, signal = new AbortController().signal } = options
  signal.throwIfAborted()
  let [rows, pages]: [number, number | undefined] = [0, undefined]
  const onRows = (done: number) => {
    rows = done
    options.onRows?.(done)
  }
  const onPages = (count: number) => (pages = count)
  const output = await ReportOutput.open(place, signal)
  try {
    await untilAborted(writer.write(model, output, { isRaw, table, template, signal, onRows, onPages }), signal)
    signal.throwIfAborted()
    const sha256 = await output.commit()
    const file = typeof place === 'string' ? { file: place } : {}
    return { ...file, sizeBytes: output.sizeBytes, sha256, rows, ...(pages !== undefined && { pages }) }
  } catch (error) {
    await output.discard()
    throw error
  }
}
