import { defineRollup, type Rollup } from '../../src/pipeline/reports/define-rollup.js'
import { rollUpStores } from './store-uptime/roll-up.js'

/** Every roll-up that `shardyard rollup` runs. */
export const rollups: readonly Rollup[] = [
  defineRollup({
    name: 'store-days',
    describe: 'up- and business time of each store and day, for store-uptime',
    run: rollUpStores,
  }),
]
