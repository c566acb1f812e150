/** Judges records by what can be known without the table they go to: the rules of their fields, then references. */
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
import { columnWriters, type ColumnWriter } from '../../cluster/load/column-writer.js'

interface Draft {
  readonly position: number
  readonly record: string
  readonly object: Record<string, unknown>
  readonly reasons: Reason[]
}

export class Judge {
  readonly #cluster: Cluster
  readonly #columns: readonly ColumnWriter[]
  readonly #check: ObjectCheck
  readonly #references: readonly Reference[]
  readonly #prototype: object
  /** When a row was made and changed: no rule of the class speaks of them. */
  readonly #moments: readonly string[]

  constructor(cluster: Cluster, entity: PlacedEntity, database: string) {
    this.#cluster = cluster
    const metadata = cluster.member(database).dataSource.getMetadata(entity as never)
    const { target } = metadata
    this.#columns = columnWriters(metadata, 'both')
    this.#check = objectCheckOf(target)
    this.#references = referencesOf(target)
    this.#moments = this.#columns.filter(isMoment).map(({ property }) => property)
    this.#prototype = typeof target === 'function' ? (target.prototype as object) : Object.prototype
  }

  /** Judges records; looks the references of all of them up in one statement a referenced entity. */
  async judge(records: readonly SourceRecord[]): Promise<JudgedRecord[]> {
    const drafts: Draft[] = []
    for (const record of records) drafts.push(await this.#draft(record))
    for (const reference of this.#references) await this.#lookUp(reference, drafts)
    return drafts.map(({ position, record, object, reasons }) => ({
      position,
      record,
      reasons,
      // A value that breaks a rule may be of any type: it never reaches a driver.
      values: this.#columns.map(({ property, valueOf }) =>
        reasons.some(({ field }) => field === property) ? undefined : valueOf(object),
      ),
    }))
  }

  async #draft({ position, record }: SourceRecord): Promise<Draft> {
    // Only what the entity has is taken over, so a key such as __proto__ is never assigned.
    const object = Object.create(this.#prototype) as Record<string, unknown>
    for (const { property } of this.#columns) {
      if (Object.hasOwn(record, property)) object[property] = record[property]
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
}

function isMoment({ metadata }: ColumnWriter): boolean {
  return metadata.isCreateDate || metadata.isUpdateDate
}

/** Makes the Date of a record's text in place; answers why it cannot. */
function readMoment(object: Record<string, unknown>, property: string): Reason[] {
  const value = readInstant(object[property])
  object[property] = value === null ? undefined : value
  if (value === undefined || value === null || value instanceof Date) return []
  return [{ code: 'WRONG_TYPE', field: property, message: `${labelOf(property)} must be a date` }]
}
