import { ingestHandler } from './ingest-job.js'
import type { JobHandler } from './job-runner.js'
import type { LoadTools } from './load-job.js'
import { redriveHandler } from './redrive-job.js'
import { reportHandlers } from './report-job.js'
import { simulationHandler } from './simulation-job.js'
import { upkeepHandlers, type UpkeepTools } from './upkeep-jobs.js'

/** What the handlers of all kinds of jobs work with. */
export interface JobTools extends LoadTools, UpkeepTools {}

/** The handlers of the library's own jobs, for a `JobRunner`: the server's and that of `shardyard work`. */
export function jobHandlers(tools: JobTools): Readonly<Record<string, JobHandler>> {
  return {
    ...reportHandlers(tools.files),
    ingest: ingestHandler(tools),
    redrive: redriveHandler(tools),
    simulation: simulationHandler(tools),
    ...upkeepHandlers(tools),
  }
}
