import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import type { RecordSource } from '../../cluster/record-source.js'
import { ShardyardError } from '../../errors.js'

/** One of the databases that an entity's records go to. */
export interface Destination {
  readonly entity: PlacedEntity
  readonly database: string
  /** Whether the record at that index goes there; the router is asked with the record itself. */
  readonly takes: (index: number) => boolean
}

/** Where the records of a source may go. Without routers of the user's own that is one database an entity. */
export function destinationsOf(cluster: Cluster, source: RecordSource): Destination[] {
  return source.entities.flatMap((entity) => {
    if (cluster.definition.routers.length === 0) {
      return [{ entity, database: cluster.router.routeForWrite(entity).database, takes: () => true }]
    }
    const databases = cluster.databases.filter((name) => cluster.router.allowMigrate(name, entity))
    return databases.map((database) => ({
      entity,
      database,
      takes: (index: number) => databaseOf(cluster, entity, source.at(entity, index).record, databases) === database,
    }))
  })
}

/** How many records go to a destination. */
export function countFor(source: RecordSource, { entity, takes }: Destination, hasRouters: boolean): number {
  const all = source.count(entity)
  if (!hasRouters) return all
  let count = 0
  for (let index = 0; index < all; index++) if (takes(index)) count++
  return count
}

function databaseOf(cluster: Cluster, entity: PlacedEntity, row: object, databases: readonly string[]): string {
  const { database, decidedBy } = cluster.router.routeForWrite(entity, { row })
  if (databases.includes(database)) return database
  throw new ShardyardError(
    'SY_DEFINITION_INVALID',
    `${decidedBy} sends a ${nameOf(entity)} to "${database}", which has no table of it. ` +
      `Let allowMigrate answer true for "${database}" and ${nameOf(entity)}.`,
    { details: { entity: nameOf(entity), database } },
  )
}
