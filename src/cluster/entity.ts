import { EntitySchema } from 'typeorm'
import type { EntityClass } from '../columns/references.js'

/** What can be placed: an entity class or an EntitySchema. */
export type PlacedEntity<Entity extends object = object> = EntityClass<Entity> | EntitySchema<Entity>

/** The entity's name, as messages and the ledger print it. */
export function nameOf(entity: PlacedEntity): string {
  return entity instanceof EntitySchema ? entity.options.name : entity.name
}
