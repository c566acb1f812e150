/** Judges records by what can be known without the table they go to: the rules of their fields, then references. */
import type { EntityMetadata } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { PlacedEntity } from '../../cluster/entity.js'
import { objectCheckOf, type ObjectCheck, type Reason } from '../../cluster/validation/check-object.js'
import { existingKeys } from '../../cluster/validation/reference-lookup.js'
import { missingReference } from '../../cluster/validation/validating-subscriber.js'
import { labelOf } from '../../columns/field-registry.js'
import { readInstant } from '../../columns/instant.js'
import { referencesOf, type Reference } from '../../columns/references.js'
import type { SourceRecord } from '../../cluster/record-source.js'
import type { JudgedRecord } from './messages.js'
import { writtenColumns } from './write-plan.js'

interface Draft {
  readonly position: number
  readonly record: string
  readonly object: Record<string, unknown>
  readonly reasons: Reason[]
}

export class Judge {
  readonly #cluster: Cluster
  readonly #metadata: EntityMetadata
  readonly #columns: readonly ColumnMetadata[]
  readonly #check: ObjectCheck
  readonly #references: readonly Reference[]
  readonly #prototype: object
  /** When a row was made and changed: no rule of the class speaks of them. */
  readonly #moments: readonly string[]

  constructor(cluster: Cluster, entity: PlacedEntity, database: string) {
    this.#cluster = cluster
    this.#metadata = cluster.member(database).dataSource.getMetadata(entity as never)
    this.#columns = writtenColumns(this.#metadata)
    this.#check = objectCheckOf(this.#metadata.target)
    this.#references = referencesOf(this.#metadata.target)
    const { target } = this.#metadata
    this.#moments = this.#columns.filter(isMoment).map((column) => column.propertyName)
    this.#prototype = typeof target === 'function' ? (target.prototype as object) : Object.prototype
  }

  /** Judges records; looks the references of all of them up in one statement a referenced entity. */
  async judge(records: readonly SourceRecord[]): Promise<JudgedRecord[]> {
    const drafts: Draft[] = []
    for (const record of records) drafts.push(await this.#draft(record))
    for (const reference of this.#references) await this.#lookUp(reference, drafts)
    const now = new Date()
    return drafts.map(({ position, record, object, reasons }) => ({
      position,
      record,
      reasons,
      // A value that breaks a rule may be of any type: it never reaches a driver.
      values: this.#columns.map((column) =>
        reasons.some((reason) => reason.field === column.propertyName)
          ? undefined
          : this.#stored(column, object[column.propertyName], now),
      ),
    }))
  }

  async #draft({ position, record }: SourceRecord): Promise<Draft> {
    // Only what the entity has is taken over, so a key such as __proto__ is never assigned.
    const object = Object.create(this.#prototype) as Record<string, unknown>
    for (const { propertyName } of this.#columns) {
      if (Object.hasOwn(record, propertyName)) object[propertyName] = record[propertyName]
    }
    this.#check.normalise(object)
    const found = this.#check.reasons(object)
    const reasons = found instanceof Promise ? await found : found
    for (const property of this.#moments) reasons.push(...readMoment(object, property))
    return { position, record: JSON.stringify(record), object, reasons }
  }

  async #lookUp({ property, target }: Reference, drafts: readonly Draft[]): Promise<void> {
    const asked = drafts.filter(
      ({ object, reasons }) =>
        object[property] !== undefined &&
        object[property] !== null &&
        !reasons.some((reason) => reason.field === property),
    )
    if (asked.length === 0) return
    const entity = target()
    const { database } = this.#cluster.router.routeForRead(entity)
    const { manager } = this.#cluster.member(database).dataSource
    const keys = [...new Set(asked.map(({ object }) => object[property]))]
    const found = await existingKeys(manager, entity, keys)
    for (const { object, reasons } of asked) {
      const key = object[property]
      if (!found.has(String(key))) reasons.push(missingReference(entity, property, key))
    }
  }

  /** The value as the driver takes it; undefined where the record gives none and the database has a default. */
  #stored(column: ColumnMetadata, value: unknown, now: Date): unknown {
    const given = value === undefined && isMoment(column) ? now : value
    if (given === undefined || (given === null && column.isGenerated)) return undefined
    const stored: unknown = this.#metadata.connection.driver.preparePersistentValue(given, column)
    return typeof stored === 'boolean' ? Number(stored) : stored
  }
}

function isMoment(column: ColumnMetadata): boolean {
  return column.isCreateDate || column.isUpdateDate
}

/** Makes the Date of a record's text in place; answers why it cannot. */
function readMoment(object: Record<string, unknown>, property: string): Reason[] {
  const value = readInstant(object[property])
  object[property] = value === null ? undefined : value
  if (value === undefined || value === null || value instanceof Date) return []
  return [{ code: 'WRONG_TYPE', field: property, message: `${labelOf(property)} must be a date` }]
}
