import 'reflect-metadata'
import { migrations, recordMigrations, storeMigrations } from '../entities/migrations/index.js'
import { defineCluster } from '../src/cluster/definition.js'
import { databases } from './databases.js'
import { placement } from './placement.js'
import { reports } from './reports/index.js'
import { rollups } from './reports/rollups.js'
import { samples } from './samples/index.js'
import { server } from './server.js'
import { simulation } from './simulation/index.js'

/** The cluster that the commands open unless `--config` names another; by this name also for ESM, which sees CommonJS whole. */
export const definition = defineCluster({
  databases,
  placement,
  migrations: [...migrations, ...recordMigrations, ...storeMigrations],
  simulation,
  samples,
  reports,
  rollups,
  server,
})

export default definition
