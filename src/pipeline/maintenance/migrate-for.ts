import type { Cluster } from '../../cluster/cluster.js'
import type { PlacedEntity } from '../../cluster/entity.js'
import { referencesOf } from '../../columns/references.js'
import { untilReachable, type Patience } from '../bulk/until-reachable.js'
import { entityOf } from '../ingest/chunk-work.js'
import { migrate } from './migrate.js'
import type { MigrationStep } from './migration-plan.js'
import { requireShared } from '../runs/require-shared.js'
import { controlOf } from '../runs/run-store.js'

/** Migrates the databases that a load of an entity needs. */
export async function migrateFor(
  cluster: Cluster,
  into: string,
  { patience, say }: { readonly patience: Patience; readonly say: (line: string) => void },
): Promise<void> {
  const databases = databasesFor(cluster, entityOf(cluster, into))
  requireShared(cluster, databases)
  const onStep = ({ database, migration }: MigrationStep) => say(`Migrated "${database}": ${migration}`)
  await untilReachable(cluster, patience, undefined, () => migrate(cluster, { databases, onStep }))
}

/** What a load of an entity needs: control, the databases of the entity, and those where its references are looked up. */
export function databasesFor(cluster: Cluster, entity: PlacedEntity): readonly string[] {
  const homes = cluster.databases.filter((name) => cluster.router.allowMigrate(name, entity))
  const looked = referencesOf(entity).map(({ target }) => cluster.router.routeForRead(target()).database)
  return [...new Set([controlOf(cluster), ...homes, ...looked])]
}
