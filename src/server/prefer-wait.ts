import type { FastifyRequest } from 'fastify'
import { isFinished, type Job } from '../pipeline/jobs/job.js'
import type { JobQueue } from '../pipeline/jobs/job-queue.js'
import { sleep } from '../util/sleep.js'

const WAIT_S_MAX = 30
const POLL_MS = 100

/** How many seconds a client is willing to wait for the end of what it asks for (RFC 7240); 0 when it says nothing. */
export function preferredWait({ headers }: FastifyRequest): number {
  const seconds = /(?:^|[,;\s])wait=(\d{1,6})(?=$|[,;\s])/.exec(String(headers['prefer'] ?? ''))?.[1]
  return Math.min(WAIT_S_MAX, Number(seconds ?? 0))
}

/** A job when it has ended, or after so many seconds, or when the server stops. */
export async function awaitJob(
  queue: JobQueue,
  id: string,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<Job | undefined> {
  const endsAt = performance.now() + seconds * 1_000
  for (;;) {
    const job = await queue.show(id)
    if (job === undefined || isFinished(job.state) || performance.now() >= endsAt || signal.aborted) return job
    await sleep(POLL_MS)
  }
}
