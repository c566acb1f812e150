import type { Cluster } from '../../src/cluster/cluster.js'
import type { PlacedEntity } from '../../src/cluster/entity.js'
import { migrate } from '../../src/pipeline/maintenance/migrate.js'
import { controlOf } from '../../src/pipeline/runs/run-store.js'
import { lazily } from './lazily.js'

/** Migrates the databases of entities at the first call, as commands do; when that fails, again at the next one. */
export function readyFor(cluster: Cluster, entities: readonly PlacedEntity[]): () => Promise<unknown> {
  const homes = entities.map((entity) => cluster.router.routeForWrite(entity).database)
  const databases = [...new Set([controlOf(cluster), ...homes])]
  const ready = lazily(() => migrate(cluster, { databases }))
  return () => ready.get()
}
