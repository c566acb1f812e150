import type { Report } from '../../src/pipeline/reports/define-report.js'
import { storeUptime } from './store-uptime.js'

/** Every report that `shardyard report` knows. */
export const reports: readonly Report[] = [storeUptime]
