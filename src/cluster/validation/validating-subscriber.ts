import type {
  EntityMetadata,
  EntitySubscriberInterface,
  InsertEvent,
  ObjectLiteral,
  QueryRunner,
  UpdateEvent,
} from 'typeorm'
import { referencesOf, type Reference } from '../../columns/references.js'
import { nameOf, type PlacedEntity } from '../entity.js'
import { objectCheckOf, type ObjectCheck, type Reason } from './check-object.js'
import { validationError } from './translate-fault.js'

/** What the subscriber asks of the cluster. */
export interface ValidationContext {
  /** Lets the database connect first: TypeORM writes a statement for the version of the server it knows. */
  open(): Promise<void>
  isOpen(): boolean
  /** Whether a row of `target` has the key, as far as a write through `runner` can see. */
  exists(target: PlacedEntity, key: unknown, runner: QueryRunner): Promise<boolean>
}

interface Rules {
  readonly check: ObjectCheck
  readonly references: readonly Reference[]
  /** Nothing to do for entities without a rule. */
  readonly isFree: boolean
}

/**
 * Checks what is written through TypeORM: the whole object on save, insert and upsert, the given fields on update;
 * then looks up the references of those fields that passed. Throws one error with all reasons.
 */
export class ValidatingSubscriber implements EntitySubscriberInterface {
  readonly #context: ValidationContext
  readonly #rules = new Map<EntityMetadata, Rules>()

  constructor(context: ValidationContext) {
    this.#context = context
  }

  async beforeInsert(event: InsertEvent<ObjectLiteral>): Promise<void> {
    const { metadata, entity, queryRunner } = event
    if (entity === undefined) return
    const expressions = Object.keys(entity).filter((key) => typeof (entity as ObjectLiteral)[key] === 'function')
    if (expressions.length === 0) return this.#require(metadata, entity, queryRunner)
    // What an expression gives is known to the database alone, which has constraints for it.
    const known = [...metadata.columns.map((column) => column.propertyName), ...Object.keys(entity)]
    return this.#require(metadata, entity, queryRunner, new Set(known.filter((key) => !expressions.includes(key))))
  }

  async beforeUpdate(event: UpdateEvent<ObjectLiteral>): Promise<void> {
    const { metadata, entity, databaseEntity, queryRunner } = event
    if (entity === undefined) return
    // TypeORM passes over what is undefined, and the database judges expressions.
    const isGiven = (value: unknown) => value !== undefined && typeof value !== 'function'
    const given = new Set(Object.keys(entity).filter((key) => isGiven((entity as ObjectLiteral)[key])))
    // `databaseEntity` is there for save() only, which is checked as a whole; update() is checked as far as it goes.
    const rules = this.#rulesOf(metadata)
    rules.check.normalise(entity)
    const stored = databaseEntity as ObjectLiteral | undefined
    if (stored === undefined) return this.#require(metadata, entity, queryRunner, given)
    const whole = Object.assign(Object.create(Object.getPrototypeOf(entity) as object) as ObjectLiteral, stored)
    for (const key of given) whole[key] = (entity as ObjectLiteral)[key]
    const known = new Set([...given, ...Object.keys(whole).filter((key) => whole[key] !== undefined)])
    return this.#require(metadata, whole, queryRunner, known)
  }

  async #require(
    metadata: EntityMetadata,
    object: ObjectLiteral,
    runner: QueryRunner,
    only?: ReadonlySet<string>,
  ): Promise<void> {
    const rules = this.#rulesOf(metadata)
    if (rules.isFree) return
    if (!this.#context.isOpen()) await this.#context.open()
    rules.check.normalise(object)
    const broken = rules.check.reasons(object, only)
    const reasons = broken instanceof Promise ? await broken : broken
    if (rules.references.length > 0) {
      reasons.push(...(await this.#missingReferences(rules, object, runner, { reasons, only })))
    }
    if (reasons.length > 0) throw validationError(metadata.name, reasons)
  }

  async #missingReferences(
    rules: Rules,
    object: ObjectLiteral,
    runner: QueryRunner,
    { reasons, only }: { readonly reasons: readonly Reason[]; readonly only?: ReadonlySet<string> | undefined },
  ): Promise<Reason[]> {
    const asked = rules.references
      .filter(({ property }) => only === undefined || only.has(property))
      .filter(({ property }) => !reasons.some((reason) => reason.field === property))
      .filter(({ property }) => object[property] !== undefined && object[property] !== null)
    const answers = await Promise.all(
      asked.map(async ({ property, target }) => {
        const entity = target()
        const key: unknown = object[property]
        const isThere = await this.#context.exists(entity, key, runner)
        return isThere ? [] : [missingReference(entity, property, key)]
      }),
    )
    return answers.flat()
  }

  #rulesOf(metadata: EntityMetadata): Rules {
    const known = this.#rules.get(metadata)
    if (known !== undefined) return known
    const check = objectCheckOf(metadata.target)
    const references = referencesOf(metadata.target)
    const rules = { check, references, isFree: typeof metadata.target !== 'function' }
    this.#rules.set(metadata, rules)
    return rules
  }
}

/** `User 7 does not exist`. */
export function missingReference(target: PlacedEntity, property: string, key: unknown): Reason {
  return { code: 'REFERENCE_MISSING', field: property, message: `${nameOf(target)} ${String(key)} does not exist` }
}
