import type { SampleField } from '../../cluster/entity-samples.js'
import type { SourceFormat } from '../formats/source-shape.js'
import { csvFormat } from './csv-format.js'
import { jsonFormat } from './json-format.js'
import type { SampleFormat } from './sample-record.js'

/** How a file of these fields, under these names, is written in a format. */
export function sampleFormatOf(
  format: SourceFormat,
  names: readonly string[],
  fields: readonly SampleField[],
): SampleFormat {
  switch (format) {
    case 'csv':
      return csvFormat(names)
    case 'json':
      return jsonFormat(names, fields, { isList: true })
    case 'ndjson':
      return jsonFormat(names, fields, { isList: false })
    default:
      return format satisfies never
  }
}
