/** Why a record was refused: what it is about, where that stands in the record, and what would mend it. */
export interface IngestReason {
  readonly code: string
  /** Property of the entity, or name in the source when no property is meant; empty for the whole record. */
  readonly field: string
  /** JSON pointer into the record as it was read: `/Price Each`, or `''`. */
  readonly pointer: string
  readonly message: string
  /** What would mend it, as a sentence; empty when the message says it all. */
  readonly fix: string
}
