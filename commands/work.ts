import type { CommandModule } from 'yargs'
import { JobRunner, type JobEvent } from '../src/pipeline/jobs/job-runner.js'
import { jobHandlers } from '../src/pipeline/jobs/job-handlers.js'
import { checkNumber } from './shared/check-number.js'
import { cellText } from './shared/io.js'
import { CONFIG_OPTION } from './shared/with-cluster.js'
import { withQueue, type QueueContext } from './shared/with-queue.js'

interface Argv {
  readonly config?: string
  readonly concurrency: number
  readonly untilIdle: boolean
}

const INTERRUPTED = 130
/** Shorter than most supervisors wait before they kill. */
const GRACE_MS = 8_000

export const command: CommandModule<object, Argv> = {
  command: 'work',
  describe: 'run jobs until Ctrl-C: those that are stored now, and those to come',
  builder: (yargs) =>
    yargs
      .options({
        concurrency: { type: 'number', default: 1, describe: 'jobs side by side, 1 to 64', requiresArg: true },
        'until-idle': { type: 'boolean', default: false, describe: 'end when no job is pending or running' },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('concurrency', argv.concurrency, { min: 1, max: 64 })
        return true
      })
      .example('$0 work --concurrency 2', 'a worker; several of them may run at once')
      .example('$0 work --until-idle', 'for a nightly call: exit code 1 when a job has failed')
      .epilogue(
        'Jobs are kept in the control database, or in the Redis of SHARDYARD_QUEUE_URL (redis://HOST:PORT) for workers\n' +
          'on several machines; the files that they make in the folder SHARDYARD_FILES, data/files unless it is set.\n' +
          'Ctrl-C or SIGTERM lets running jobs end for a few seconds, then hands them back. Exit codes: 0 stopped, or\n' +
          'nothing left; 1 a job has failed (--until-idle); 130 stopped before nothing was left (--until-idle).',
      ) as never,
  handler: (argv) => withQueue(argv, (context) => work(context, argv)),
}

async function work(context: QueueContext, { concurrency, untilIdle }: Argv): Promise<number> {
  const { queue, cluster, files, uploads, roots, config } = context
  const handlers = jobHandlers({ queue, files, uploads, roots, config, faults: process.env['SHARDYARD_FAULTS'] })
  const stop = new AbortController()
  const onSignal = () => {
    context.err('Stopping: running jobs have a few seconds to end.')
    stop.abort()
  }
  // A second signal ends the process at once; the leases then run out.
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  let failed = 0
  const onEvent = (event: JobEvent) => {
    if (event.kind === 'failed') failed += 1
    const line = lineOf(event)
    if (line !== undefined) context.out(`${new Date().toISOString().slice(0, 19)}Z ${line}`)
  }
  try {
    context.out(`Working off the jobs in ${queue.address}. Ctrl-C ends it.`)
    const options = {
      concurrency,
      isUntilIdle: untilIdle,
      graceMs: GRACE_MS,
      files,
      uploads,
      signal: stop.signal,
      onEvent,
    }
    await new JobRunner(queue, handlers, cluster, options).run()
  } finally {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
  if (!untilIdle) return 0
  if (stop.signal.aborted) return INTERRUPTED
  return failed > 0 ? 1 : 0
}

function lineOf(event: JobEvent): string | undefined {
  switch (event.kind) {
    case 'pruned':
      return `removed ${event.jobs} finished ${event.jobs === 1 ? 'job' : 'jobs'}`
    case 'waiting-for-queue':
      return `the queue does not answer; waiting for it (${cellText(event.message, 200)})`
    case 'failed':
    case 'retrying': {
      const why = event.error instanceof Error ? event.error.message : String(event.error)
      return `${event.job.id} ${cellText(event.job.kind)} ${event.kind}: ${cellText(why, 300)}`
    }
    default:
      return `${event.job.id} ${cellText(event.job.kind)} ${event.kind.replaceAll('-', ' ')}`
  }
}
