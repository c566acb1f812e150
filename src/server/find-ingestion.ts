import { unknownJob } from '../pipeline/jobs/job-errors.js'
import type { Job } from '../pipeline/jobs/job.js'
import { INGESTION_KINDS, runOfJob } from './ingestion-json.js'
import { HttpProblem } from './problem.js'
import type { ServerContext } from './server-context.js'

/** The job of an ingestion. @throws SY_JOB_UNKNOWN also when it is a job of another kind */
export async function findIngestion({ queue }: ServerContext, id: string): Promise<Job> {
  const job = await queue.show(id)
  if (job === undefined || !(INGESTION_KINDS as readonly string[]).includes(job.kind)) throw unknownJob(id)
  return job
}

/** The run of an ingestion. @throws SY_JOB_UNKNOWN; 409 while it has none */
export async function runOfIngestion(context: ServerContext, id: string): Promise<string> {
  const run = runOfJob(await findIngestion(context, id))
  if (run !== undefined) return run
  throw new HttpProblem('CONFLICT', `Ingestion ${id} has not begun to load anything.`, {
    headers: { 'retry-after': '1' },
  })
}
