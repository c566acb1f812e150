import type { Cluster } from '../../cluster/cluster.js'
import type { PlacedEntity } from '../../cluster/entity.js'
import { referencesOf } from '../../columns/references.js'
import { untilReachable, type Patience } from '../bulk/until-reachable.js'
import { entityOf } from '../ingest/chunk-work.js'
import { migrate } from './migrate.js'
import { requireShared } from '../runs/require-shared.js'
import { controlOf } from '../runs/run-store.js'

/** Migrates the databases that a load of an entity needs: its own, control, and where its references are looked up. */
export async function migrateFor(
  cluster: Cluster,
  into: string,
  { patience, say }: { readonly patience: Patience; readonly say: (line: string) => void },
): Promise<void> {
  const entity = entityOf(cluster, into)
  const databases = new Set([controlOf(cluster), ...homesOf(cluster, entity)])
  for (const reference of referencesOf(entity)) {
    databases.add(cluster.router.routeForRead(reference.target()).database)
  }
  requireShared(cluster, databases)
  await untilReachable(cluster, patience, undefined, () =>
    migrate(cluster, {
      databases: [...databases],
      onStep: ({ database, migration }) => say(`Migrated "${database}": ${migration}`),
    }),
  )
}

function homesOf(cluster: Cluster, entity: PlacedEntity): readonly string[] {
  return cluster.databases.filter((name) => cluster.router.allowMigrate(name, entity))
}
