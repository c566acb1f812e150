import { WholeFile } from '../../util/whole-file.js'
import type { ReportModel } from './report-model.js'
import type { ReportWriter, WriterOptions } from './writers/report-writer.js'

/** A report that has been written. */
export interface ReportResult {
  readonly sizeBytes: number
  /** Of a format that has pages. */
  readonly pages?: number
}

const NEVER = new AbortController().signal

/**
 * Writes a model to `file`. It is made beside it under a temporary name and then put in its place: when anything fails,
 * what was there before is still there and nothing else is.
 */
export async function writeModel(
  model: ReportModel,
  writer: ReportWriter,
  file: string,
  options: Partial<WriterOptions> = {},
): Promise<ReportResult> {
  const { signal = NEVER } = options
  signal.throwIfAborted()
  const output = await WholeFile.open(file)
  try {
    let pages: number | undefined
    const onPages = (count: number) => (pages = count)
    const usual = { isRaw: false, table: undefined, template: undefined, onRows: () => {}, onPages }
    await writer.write(model, output, { ...usual, ...options, signal })
    signal.throwIfAborted()
    await output.commit()
    return { sizeBytes: output.sizeBytes, ...(pages !== undefined && { pages }) }
  } catch (error) {
    await output.discard()
    throw error
  }
}
