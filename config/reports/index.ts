import type { Report } from '../../src/pipeline/reports/define-report.js'
import { sales } from './sales.js'

/** Every report that `shardyard report` knows. */
export const reports: readonly Report[] = [sales]
