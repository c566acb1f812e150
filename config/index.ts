import 'reflect-metadata'
import { migrations } from '../entities/migrations/index.js'
import { defineCluster } from '../src/cluster/definition.js'
import { databases } from './databases.js'
import { placement } from './placement.js'
import { simulation } from './simulation/index.js'

/** The cluster that the commands open unless `--config` names another. */
export default defineCluster({ databases, placement, migrations, simulation })
