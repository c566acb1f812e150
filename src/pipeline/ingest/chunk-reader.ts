/** Bytes → records that have been judged by everything but the table they go to. */
import type { EntityMetadata } from 'typeorm'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { columnWriters, type ColumnWriter } from '../../cluster/load/column-writer.js'
import { objectCheckOf, type ObjectCheck, type Reason } from '../../cluster/validation/check-object.js'
import { existingKeys } from '../../cluster/validation/reference-lookup.js'
import { missingReference } from '../../cluster/validation/validating-subscriber.js'
import { referencesOf, type EntityClass, type Reference } from '../../columns/references.js'
import type { TableRecord } from '../bulk/judge-table.js'
import type { Care } from '../bulk/messages.js'
import { readChunk } from '../formats/read-chunk.js'
import type { SourceChunk, SourceRecord, SourceShape } from '../formats/source-shape.js'
import { normaliserOf, type Normaliser } from '../normalise/normaliser.js'
import type { Change } from '../normalise/notes.js'
import type { IngestPlan } from './ingest-plan.js'
import type { IngestReason } from './ingest-reason.js'
import { RecordHasher, type RawBytes, type RecordHash } from './record-hash.js'
import { suggestedFix } from './suggested-fix.js'

/** A record before it meets the table. */
export interface PreparedRecord extends TableRecord {
  readonly source: SourceRecord
  /** Index of its database in the plan. */
  readonly database: number
  /** A value for each column of the table; empty when it is not to be stored. */
  readonly values: readonly unknown[]
  readonly reasons: readonly IngestReason[]
  readonly changes: readonly Change[]
  readonly hash: RecordHash | undefined
  /** Where the values of properties stand in the record. */
  readonly pointers: ReadonlyMap<string, string>
}

/** What a reader is told about a chunk. */
export interface ChunkContext {
  readonly shape: SourceShape
  readonly care: Care
  /** Notes which record is at work, where a dying thread cannot take it along. */
  readonly atWork: (position: number | undefined) => void
}

const NONE: readonly never[] = Object.freeze([])
const NOWHERE: ReadonlyMap<string, string> = new Map()
const DEADLY: IngestReason = {
  code: 'RECORD_KILLS_WORKER',
  field: '',
  pointer: '',
  message: 'Two worker threads died at this record',
  fix: 'Look at the record by hand; it is not tried again.',
}

const UNROUTABLE: IngestReason = {
  code: 'UNROUTABLE',
  field: '',
  pointer: '',
  message: 'A router sends the record to a database without a table for it',
  fix: 'Correct the router, or let its allowMigrate place the entity there.',
}

/** A record on its way; one object all the way, as there are many. */
interface Draft extends PreparedRecord {
  /** Its properties; empty once they are values. */
  object: Record<string, unknown>
  reasons: readonly IngestReason[]
  database: number
  values: readonly unknown[]
  pointers: ReadonlyMap<string, string>
}

/** What is known of a record once it has been judged by itself. */
interface Judged {
  readonly object?: Record<string, unknown>
  readonly changes?: readonly Change[]
  readonly hash?: RecordHash
  readonly reasons: readonly IngestReason[]
}

const EMPTY: Record<string, unknown> = Object.freeze({})

export class ChunkReader {
  readonly #cluster: Cluster
  readonly #entity: PlacedEntity
  readonly #databases: readonly string[]
  /** Control is among the databases also where it has no table for the rows. */
  readonly #hasTable: readonly boolean[]
  readonly #columns: readonly ColumnWriter[]
  readonly #check: ObjectCheck
  readonly #normaliser: Normaliser
  readonly #references: readonly Reference[]
  readonly #hasher: RecordHasher
  readonly #prototype: object
  /** The one database that takes all rows; undefined when a router is asked for each. */
  readonly #only: number | undefined
  /** Those of the names that came last. */
  #pointers: { readonly names: readonly string[]; readonly found: ReadonlyMap<string, string> } | undefined

  constructor(cluster: Cluster, entity: PlacedEntity, plan: Omit<IngestPlan, 'files'>) {
    this.#cluster = cluster
    this.#entity = entity
    this.#databases = plan.databases
    this.#hasTable = plan.databases.map((name) => cluster.member(name).dataSource.hasMetadata(entity as never))
    const home = cluster.router.routeForWrite(entity).database
    const metadata: EntityMetadata = cluster.member(home).dataSource.getMetadata(entity as never)
    const { target } = metadata
    this.#columns = columnWriters(metadata, 'both')
    this.#check = objectCheckOf(target)
    this.#normaliser = normaliserOf(target as EntityClass, {
      map: plan.map,
      ...(plan.zone === undefined ? {} : { zone: plan.zone }),
    })
    this.#references = referencesOf(target)
    this.#hasher = new RecordHasher(nameOf(entity), plan.dedupe)
    this.#prototype = typeof target === 'function' ? (target.prototype as object) : Object.prototype
    this.#only = cluster.definition.routers.length === 0 ? plan.databases.indexOf(home) : undefined
  }

  /** The records of a chunk in their order. */
  read(bytes: Buffer, chunk: SourceChunk, context: ChunkContext): Promise<readonly PreparedRecord[]> {
    const raw = { bytes, offset: chunk.offset }
    return this.judge(readChunk(bytes, chunk, context.shape), () => raw, context)
  }

  /** Judges records in their order; references of all of them are looked up together. */
  async judge<Source extends SourceRecord>(
    records: readonly Source[],
    rawOf: (record: Source) => RawBytes,
    context: ChunkContext,
  ): Promise<readonly PreparedRecord[]> {
    const drafts: Draft[] = []
    for (const source of records) {
      context.atWork(source.offset)
      const draft = this.#draft(source, rawOf, context)
      drafts.push(draft instanceof Promise ? await draft : draft)
    }
    context.atWork(undefined)
    for (const reference of this.#references) await this.#lookUp(reference, drafts)
    for (const draft of drafts) if (draft.hash !== undefined) this.#finish(draft)
    return drafts
  }

  #draft<Source extends SourceRecord>(
    source: Source,
    rawOf: (record: Source) => RawBytes,
    { shape, care }: ChunkContext,
  ): Draft | Promise<Draft> {
    if (source.kind !== 'data' || source.reasons.length > 0) return this.#draftOf(source, { reasons: source.reasons })
    if (care.deadly.includes(source.offset)) return this.#draftOf(source, { reasons: [DEADLY] })
    const hash = this.#hasher.of(source, rawOf(source), shape.header !== null)
    const { values: object, changes, reasons } = this.#normaliser.forNames(source.names)(source.values)
    this.#check.normalise(object)
    if (reasons.length === 0 && this.#check.isSound(object) === true) {
      return this.#draftOf(source, { object, changes, hash, reasons: NONE })
    }
    // class-validator finds the rules by the class.
    const instance = Object.assign(Object.create(this.#prototype) as Record<string, unknown>, object)
    const draftOf = (broken: readonly Reason[]): Draft => {
      const fields = new Set(reasons.map(({ field }) => field))
      const others = broken.filter(({ field }) => !fields.has(field)).map((reason) => this.#located(reason, source))
      return this.#draftOf(source, { object, changes, hash, reasons: [...reasons, ...others] })
    }
    const broken = this.#check.reasons(instance)
    return broken instanceof Promise ? broken.then(draftOf) : draftOf(broken)
  }

  async #lookUp({ property, target }: Reference, drafts: readonly Draft[]): Promise<void> {
    const asked = drafts.filter(
      ({ source, object, reasons }) =>
        source.kind === 'data' &&
        object[property] !== undefined &&
        object[property] !== null &&
        reasons.every(({ field }) => field !== property),
    )
    if (asked.length === 0) return
    const entity = target()
    const { database } = this.#cluster.router.routeForRead(entity)
    const { manager } = this.#cluster.member(database).dataSource
    const found = await existingKeys(manager, entity, [...new Set(asked.map(({ object }) => object[property]))])
    for (const draft of asked) {
      const key = draft.object[property]
      if (found.has(String(key))) continue
      draft.reasons = [...draft.reasons, this.#located(missingReference(entity, property, key), draft.source)]
    }
  }

  /** What no database can take has its line in control, which is the last one. */
  #draftOf(source: SourceRecord, { object = EMPTY, changes = NONE, hash, reasons }: Judged): Draft {
    const database = this.#databases.length - 1
    const position = source.offset
    return { source, position, database, object, values: NONE, reasons, changes, hash, pointers: NOWHERE }
  }

  /** Sends a record on to its database, as the values of the table's columns. */
  #finish(draft: Draft): void {
    const { object, source } = draft
    draft.object = EMPTY
    const database = this.#databaseOf(object)
    if (database < 0) {
      draft.reasons = [...draft.reasons, UNROUTABLE]
      return
    }
    draft.database = database
    draft.pointers = this.#pointersOf(source.names)
    if (draft.reasons.length > 0) return
    draft.values = this.#columns.map(({ valueOf }) => valueOf(object))
  }

  #pointersOf(names: readonly string[]): ReadonlyMap<string, string> {
    if (this.#pointers?.names !== names) this.#pointers = { names, found: this.#normaliser.pointers(names) }
    return this.#pointers.found
  }

  /** Index of the database that takes the row; -1 when that one has no table of it. */
  #databaseOf(row: Record<string, unknown>): number {
    if (this.#only !== undefined) return this.#only
    const { database } = this.#cluster.router.routeForWrite(this.#entity, { row })
    const index = this.#databases.indexOf(database)
    return this.#hasTable[index] === true ? index : -1
  }

  /** A rule's reason with its place in the record. */
  #located({ code, field, message }: Reason, { names }: SourceRecord): IngestReason {
    return { code, field, pointer: this.#normaliser.pointers(names).get(field) ?? '', message, fix: suggestedFix(code) }
  }
}
