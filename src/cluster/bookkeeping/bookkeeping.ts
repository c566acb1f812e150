import type { ClusterDefinition } from '../definition.js'
import type { PlacedEntity } from '../entity.js'
import { IdempotencySchema } from './idempotency-row.js'
import { IngestLineSchema } from './ingest-line.js'
import { JobSchema } from './job-row.js'
import { KeySchema } from './key-row.js'
import { LedgerLineSchema } from './ledger-line.js'
import { PartSchema } from './part-row.js'
import { RecordHashSchema } from './record-hash-row.js'
import { RunSchema } from './run-row.js'

/** The library's own entities in a database: the ledger beside the data, the runs and jobs in control. */
export function bookkeepingOf(
  definition: ClusterDefinition,
  database: string,
  placed: readonly PlacedEntity[],
): readonly PlacedEntity[] {
  const isControl = definition.control === database
  const ledger =
    placed.length > 0 || isControl ? [LedgerLineSchema, PartSchema, IngestLineSchema, RecordHashSchema] : []
  return (isControl
    ? [...ledger, RunSchema, JobSchema, IdempotencySchema, KeySchema]
    : ledger) as unknown as PlacedEntity[]
}
