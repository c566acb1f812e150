import type { EntityManager } from 'typeorm'
import type { PlacedEntity } from '../entity.js'

/** Where the keys of an entity are looked up; one for each database, or for each branch of a unit of work. */
export interface LookupSource {
  readonly manager: EntityManager
}

/** Most keys in one statement; well below the parameter limit of every engine. */
const KEYS_MAX = 1_000

interface Batch {
  readonly keys: Set<unknown>
  readonly found: Promise<ReadonlySet<string>>
}

/**
 * Looks up which keys exist. Questions that are asked in the same turn of the event loop for the same entity through
 * the same source are answered by one statement.
 */
export class ReferenceLookup {
  readonly #batches = new WeakMap<EntityManager, Map<PlacedEntity, Batch>>()

  async exists(entity: PlacedEntity, key: unknown, { manager }: LookupSource): Promise<boolean> {
    let batches = this.#batches.get(manager)
    if (batches === undefined) this.#batches.set(manager, (batches = new Map()))
    let batch = batches.get(entity)
    if (batch === undefined) {
      const keys = new Set<unknown>()
      const found = Promise.resolve().then(() => {
        this.#batches.get(manager)?.delete(entity)
        return existingKeys(manager, entity, [...keys])
      })
      batch = { keys, found }
      batches.set(entity, batch)
    }
    batch.keys.add(key)
    return (await batch.found).has(String(key))
  }
}

/** Which of the keys are primary keys of stored rows, as text. */
export async function existingKeys(
  manager: EntityManager,
  entity: PlacedEntity,
  keys: readonly unknown[],
): Promise<ReadonlySet<string>> {
  const metadata = manager.connection.getMetadata(entity as never)
  const property = metadata.primaryColumns[0]?.propertyName ?? 'id'
  const found = new Set<string>()
  for (let from = 0; from < keys.length; from += KEYS_MAX) {
    const chunk = keys.slice(from, from + KEYS_MAX)
    const rows = (await manager
      .createQueryBuilder(entity as never, 'target')
      .select(`target.${property}`, 'key')
      .where(`target.${property} IN (:...chunk)`, { chunk })
      .getRawMany()) as { key: unknown }[]
    for (const row of rows) found.add(String(row.key))
  }
  return found
}
