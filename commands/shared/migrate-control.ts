import type { Cluster } from '../../src/cluster/cluster.js'
import type { MigrationStep } from '../../src/pipeline/maintenance/migration-plan.js'
import { migrate } from '../../src/pipeline/maintenance/migrate.js'
import { controlOf } from '../../src/pipeline/runs/run-store.js'
import type { CommandIo } from './io.js'

/** Brings the control database up to date, and says what was done to it. */
export async function migrateControl(cluster: Cluster, { err }: Pick<CommandIo, 'err'>): Promise<void> {
  const onStep = ({ database, migration }: MigrationStep) => err(`Migrated "${database}": ${migration}`)
  await migrate(cluster, { databases: [controlOf(cluster)], onStep })
}
