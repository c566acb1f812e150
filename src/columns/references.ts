/** An entity class. */
export type EntityClass<Entity extends object = object> = abstract new (...args: never[]) => Entity

/** A key column that names a row of another entity, in whatever database that lives. */
export interface Reference {
  readonly property: string
  readonly target: () => EntityClass
}

const referencesByClass = new WeakMap<object, Reference[]>()

/**
 * Declares that a key column names a row of another entity, which may live in another database. The key is looked up
 * when a row is written; it is not locked, so a later delete is found only by a check of the references.
 *
 * @example
 * \@References(() => User)
 * \@WholeNumber({ min: 1 })
 * userId!: number
 */
export function References(target: () => EntityClass): PropertyDecorator {
  return (prototype, key) => {
    const references = referencesByClass.get(prototype.constructor) ?? []
    referencesByClass.set(prototype.constructor, [...references, { property: String(key), target }])
  }
}

/** The references of an entity class, those of its parents first. */
export function referencesOf(target: unknown): readonly Reference[] {
  const found: Reference[] = []
  for (let at = target; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    found.unshift(...(referencesByClass.get(at) ?? []))
  }
  return found
}
