import type { Report } from '../../src/pipeline/reports/define-report.js'
import { run } from './run.js'

/** Every report that `shardyard report` knows. */
export const reports: readonly Report[] = [run]
