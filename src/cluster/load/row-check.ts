import type { EntityMetadata } from 'typeorm'
import { referencesOf, type Reference } from '../../columns/references.js'
import { ShardyardError } from '../../errors.js'
import type { PlacedEntity } from '../entity.js'
import { objectCheckOf, type ObjectCheck, type Reason } from '../validation/check-object.js'
import { missingReference } from '../validation/validating-subscriber.js'

/** Which of the keys are primary keys of stored rows of an entity, as text. */
export type RowReferences = (entity: PlacedEntity, keys: readonly unknown[]) => Promise<ReadonlySet<string>>

/** Rows that an error lists; the rest are counted. */
const LISTED_MAX = 100

/** A row that breaks rules. */
interface BrokenRow {
  readonly row: number
  readonly reasons: Reason[]
}

/** Checks the rows of a batch: their rules, then the references of all of them in one query an entity. */
export class RowCheck {
  readonly #metadata: EntityMetadata
  readonly #references: RowReferences
  readonly #referenced: readonly Reference[]
  readonly #check: ObjectCheck

  constructor(metadata: EntityMetadata, references: RowReferences) {
    this.#metadata = metadata
    this.#references = references
    this.#referenced = referencesOf(metadata.target)
    this.#check = objectCheckOf(metadata.target)
  }

  /** Throws SY_VALIDATION_FAILED with every broken row of the batch. */
  async require(rows: readonly Record<string, unknown>[], numbers: readonly number[]): Promise<void> {
    const checked = rows.map((row) => ({ ...row }))
    const reasons = await Promise.all(
      checked.map(async (row) => {
        this.#check.normalise(row)
        return this.#check.reasons(row)
      }),
    )
    for (const reference of this.#referenced) await this.#lookUp(reference, checked, reasons)
    const broken = reasons.flatMap((found, index) =>
      found.length === 0 ? [] : [{ row: numbers[index] ?? 0, reasons: found }],
    )
    if (broken.length > 0) throw this.#error(broken)
  }

  async #lookUp(
    { property, target }: Reference,
    rows: readonly Record<string, unknown>[],
    reasons: readonly Reason[][],
  ): Promise<void> {
    const isAsked = (row: Record<string, unknown>, index: number) =>
      row[property] !== undefined &&
      row[property] !== null &&
      reasons[index]?.every(({ field }) => field !== property) === true
    const keys = new Set(rows.filter(isAsked).map((row) => row[property]))
    if (keys.size === 0) return
    const found = await this.#references(target(), [...keys])
    for (const [index, row] of rows.entries()) {
      const key = row[property]
      if (isAsked(row, index) && !found.has(String(key)))
        reasons[index]?.push(missingReference(target(), property, key))
    }
  }

  #error(broken: readonly BrokenRow[]): ShardyardError {
    const [first] = broken
    const others = broken.length > 1 ? ` (and ${broken.length - 1} more rows of its batch)` : ''
    const why = first?.reasons.map(({ message }) => message).join('; ') ?? ''
    return new ShardyardError('SY_VALIDATION_FAILED', `${this.#metadata.name}, row ${first?.row}: ${why}${others}.`, {
      details: { entity: this.#metadata.name, reasons: first?.reasons, rows: broken.slice(0, LISTED_MAX) },
    })
  }
}
