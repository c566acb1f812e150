import { defineReport } from '../../src/pipeline/reports/define-report.js'
import { runModel } from '../../src/pipeline/reports/run-model.js'

/** What a run has done: a simulation or an ingestion. */
export const run = defineReport({
  name: 'run',
  describe: 'what went in, what did not, and why, in a simulation or an ingestion',
  options: {
    run: { type: 'string', describe: 'id of a run, or "latest"; "shardyard runs" lists them', default: 'latest' },
    rows: {
      type: 'integer',
      describe: 'most rows of each entity, shared among its tables, in formats for people',
      default: 1_000,
      min: 0,
      max: 1_000_000,
    },
  },
  run: ({ cluster, options: { run: id, rows }, signal }) => runModel(cluster, { run: id, rowsMax: rows, signal }),
})
