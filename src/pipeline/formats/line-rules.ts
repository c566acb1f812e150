import type { LineRules } from './line-records.js'
import type { SourceShape } from './source-shape.js'
import { unitBytesOf } from './text-encoding.js'

/** How the records of a source in lines are told apart. */
export function lineRulesOf(shape: SourceShape): LineRules {
  return {
    lineEnd: shape.lineEnd,
    delimiterCode: shape.format === 'csv' ? shape.delimiter.charCodeAt(0) : null,
    recordUnits: Math.floor(shape.limits.recordBytes / unitBytesOf(shape.encoding)),
    recordLines: shape.limits.recordLines,
  }
}
