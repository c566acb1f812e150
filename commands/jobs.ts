import type { CommandModule } from 'yargs'
import { ShardyardError } from '../src/errors.js'
import { jobFileOf, type JobFiles } from '../src/pipeline/jobs/job-files.js'
import { unknownJob } from '../src/pipeline/jobs/job-errors.js'
import { JOB_STATES, type Job, type JobState } from '../src/pipeline/jobs/job.js'
import { table } from '../src/util/text-table.js'
import { checkNumber } from './shared/check-number.js'
import { cellText } from './shared/io.js'
import { CONFIG_OPTION } from './shared/with-cluster.js'
import { withQueue, type QueueContext } from './shared/with-queue.js'

type Action = 'list' | 'show' | 'retry' | 'cancel'

interface Argv {
  readonly config?: string
  readonly action: Action
  readonly id?: string
  readonly state?: JobState
  readonly limit: number
  readonly after?: string
  readonly json: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'jobs [action] [id]',
  describe: 'list jobs, look at one, run it again, or cancel it',
  builder: (yargs) =>
    yargs
      .positional('action', { choices: ['list', 'show', 'retry', 'cancel'], default: 'list', describe: 'what to do' })
      .positional('id', { type: 'string', describe: 'id of the job, but for list' })
      .options({
        state: { choices: JOB_STATES, describe: 'list: only jobs in this state', requiresArg: true },
        limit: { type: 'number', default: 20, describe: 'list: most jobs of a page', requiresArg: true },
        after: { type: 'string', describe: 'list: the next page, as the page before says', requiresArg: true },
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of text' },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('limit', argv.limit, { min: 1, max: 1_000 })
        const isList = argv.action === 'list'
        if (!isList && argv.id === undefined) throw new Error(`Name the job: jobs ${argv.action} ID.`)
        if (isList && argv.id !== undefined) throw new Error(`To look at a job: jobs show ${argv.id}.`)
        if (!isList && (argv.state !== undefined || argv.after !== undefined))
          throw new Error('--state and --after are for the list.')
        return true
      })
      .example('$0 jobs', 'the 20 newest jobs')
      .example('$0 jobs list --state failed --json', 'for scripts')
      .example('$0 jobs show ID', 'what it is, how far, its result, its file checked')
      .example('$0 jobs retry ID', 'a job that failed or was cancelled, from the start')
      .example('$0 jobs cancel ID', 'at once, or as soon as its worker hears of it') as never,
  handler: (argv) => withQueue(argv, (context) => act(context, argv)),
}

async function act(context: QueueContext, argv: Argv): Promise<number> {
  const { queue } = context
  const { action, id = '' } = argv
  switch (action) {
    case 'list':
      return list(context, argv)
    case 'show':
      return show(context, id, argv.json)
    case 'retry':
      await queue.retry(id)
      return told(context, id, argv.json, `Job ${cellText(id)} is pending again.`)
    case 'cancel': {
      const state = await queue.cancel(id)
      const how = state === 'cancelled' ? 'is cancelled' : 'is asked to stop; its worker hears of it soon'
      return told(context, id, argv.json, `Job ${cellText(id)} ${how}.`)
    }
    default:
      return action satisfies never
  }
}

async function list(context: QueueContext, { state, limit, after, json }: Argv): Promise<number> {
  const { jobs, next } = await context.queue.list({
    limit,
    ...(state === undefined ? {} : { state }),
    ...(after === undefined ? {} : { after }),
  })
  if (json) context.json({ jobs: jobs.map(jobJson), next: next ?? null })
  else if (jobs.length === 0) context.out(state === undefined ? 'No job is kept.' : `No job is ${state}.`)
  else {
    context.out(table(['Job', 'Kind', 'State', 'Stored (UTC)', 'Took', 'Progress', 'Error'], jobs.map(rowOf)))
    if (next !== undefined) context.out(`There are more: --after ${next}`)
  }
  return 0
}

async function show({ queue, files, ...io }: QueueContext, id: string, isJson: boolean): Promise<number> {
  const job = await queue.show(id)
  if (job === undefined) throw unknownJob(cellText(id))
  const children = await queue.children(id)
  const file = await fileOf(files, job)
  if (isJson) {
    io.json({ ...jobJson(job), children: children.map(({ id: child, state }) => ({ id: child, state })), ...file })
    return 0
  }
  for (const [name, value] of Object.entries({ ...jobJson(job), ...file })) {
    if (value !== null) io.out(`${`${name}:`.padEnd(18)} ${cellText(value, 2_000)}`)
  }
  if (children.length > 0) io.out(table(['Child', 'Kind', 'State', 'Error'], children.map(childRow)))
  return 0
}

async function told({ queue, ...io }: QueueContext, id: string, isJson: boolean, sentence: string): Promise<number> {
  if (!isJson) io.out(sentence)
  else {
    const job = await queue.show(id)
    io.json(job === undefined ? null : jobJson(job))
  }
  return 0
}

/** Where the file of a job is, and that it is whole. */
async function fileOf(files: JobFiles, { result }: Job): Promise<{ file?: string; fileError?: string }> {
  const file = jobFileOf(result)
  if (file === undefined) return {}
  try {
    return { file: await files.verify(file) }
  } catch (error) {
    if (error instanceof ShardyardError) return { fileError: error.message }
    throw error
  }
}

function rowOf(job: Job): string[] {
  return [
    job.id,
    cellText(job.kind),
    job.state === 'pending' && job.waitsFor > 0 ? `pending (${job.waitsFor} children)` : job.state,
    job.createdAt.toISOString().slice(0, 19).replace('T', ' '),
    tookOf(job),
    progressOf(job),
    job.error === undefined ? '' : cellText(`${job.error.code} ${job.error.message}`),
  ]
}

function childRow({ id, kind, state, error }: Job): string[] {
  return [id, cellText(kind), state, error === undefined ? '' : cellText(error.message)]
}

function tookOf({ startedAt, finishedAt }: Job): string {
  if (startedAt === undefined || finishedAt === undefined) return ''
  return `${(Math.max(0, finishedAt.getTime() - startedAt.getTime()) / 1000).toFixed(2)} s`
}

function progressOf({ progress, state }: Job): string {
  if (progress === undefined || state !== 'running') return ''
  const { done, total, note = '' } = progress
  return `${done}${total === undefined ? '' : ` of ${total}`} ${cellText(note, 30)}`.trim()
}

function jobJson(job: Job): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(job).map(([name, value]) => [name, (value as unknown) ?? null]))
}
