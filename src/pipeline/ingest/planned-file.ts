import { resolveScanOptions } from '../formats/scan-options.js'
import type { SourceShape } from '../formats/source-shape.js'
import type { IngestPlan } from './ingest-plan.js'

/** A message of a stream is one JSON document. */
export const MESSAGE_SHAPE: SourceShape = Object.freeze({
  format: 'json',
  encoding: 'utf-8',
  bomBytes: 0,
  bodyOffset: 0,
  delimiter: '',
  lineEnd: '\n',
  header: null,
  path: null,
  limits: resolveScanOptions().limits,
})

/** Name and shape of a file of a plan, or of a partition of its stream. */
export function plannedFile(
  { files, stream }: IngestPlan,
  index: number,
): { readonly title: string; readonly shape: SourceShape; readonly sha256: string } | undefined {
  if (stream === undefined) return files[index]
  return { title: partitionTitle(stream, index), shape: MESSAGE_SHAPE, sha256: '' }
}

/** Records that are given one by one have no group, and no partitions. */
export function partitionTitle({ topic, group }: NonNullable<IngestPlan['stream']>, partition: number): string {
  return group === '' ? topic : `${topic}, partition ${partition}`
}
