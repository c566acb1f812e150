import type { Report } from '../../src/pipeline/reports/define-report.js'
import { dataQuality } from './data-quality.js'
import { events } from './events.js'
import { metrics } from './metrics.js'
import { refusals } from './refusals.js'
import { rejects } from './rejects.js'
import { run } from './run.js'
import { sales } from './sales.js'
import { storeUptime } from './store-uptime.js'
import { transactionList } from './transaction-list.js'
import { transactions } from './transactions.js'

/** Every report that `shardyard report` knows. */
export const reports: readonly Report[] = [
  run,
  rejects,
  refusals,
  dataQuality,
  sales,
  metrics,
  transactions,
  transactionList,
  events,
  storeUptime,
]
