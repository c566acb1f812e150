import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import type { CommandModule } from 'yargs'
import { nameOf } from '../src/cluster/entity.js'
import type { EntitySamples } from '../src/cluster/entity-samples.js'
import { ShardyardError } from '../src/errors.js'
import type { SourceFormat } from '../src/pipeline/formats/source-shape.js'
import { generateFile, samplesOf } from '../src/pipeline/generate/generate-file.js'
import { SampleFile, type SampleAccount } from '../src/pipeline/generate/sample-file.js'
import { COUNT_MAX, FORMATS, SEED_MAX, type SampleFileOptions } from '../src/pipeline/generate/sample-options.js'
import { checkNumber } from './shared/check-number.js'
import { CONFIG_OPTION, withCluster, type CommandContext } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly entity: string
  readonly count: number
  readonly seed: number
  readonly invalid: number
  readonly format?: SourceFormat
  readonly output?: string
  readonly json: boolean
}

/** Names standard output instead of a file. */
const STDOUT = '-'
const EXTENSIONS: Readonly<Record<string, SourceFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
}

export const command: CommandModule<object, Argv> = {
  command: 'generate <entity>',
  describe: 'make a data file of any size for an entity, with a share of every kind of error, and tell what is in it',
  builder: (yargs) =>
    yargs
      .positional('entity', { type: 'string', describe: 'whose records: Event, Transaction, …', demandOption: true })
      .options({
        count: { type: 'number', default: 1_000, describe: 'records to make', requiresArg: true },
        seed: { type: 'number', default: 1, describe: 'which records; two seeds share none', requiresArg: true },
        invalid: {
          type: 'number',
          default: 0.1,
          describe: 'share of records with an error, 0 to 1',
          requiresArg: true,
        },
        format: {
          type: 'string',
          describe: `${FORMATS.join(', ')}; without it the ending of the file says it, or it is csv`,
          requiresArg: true,
        },
        output: {
          type: 'string',
          describe: 'the file to write, "-" for standard output; without it a file named after the entity',
          requiresArg: true,
        },
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of a sentence' },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('count', argv.count, { min: 1, max: COUNT_MAX })
        checkNumber('seed', argv.seed, { min: 1, max: SEED_MAX })
        if (!(argv.invalid >= 0 && argv.invalid <= 1)) throw new Error('--invalid must be a number from 0 to 1.')
        if (argv.format !== undefined && !FORMATS.includes(argv.format as SourceFormat))
          throw new Error(`--format must be one of ${FORMATS.join(', ')}.`)
        if (argv.output !== undefined && (typeof argv.output !== 'string' || argv.output === ''))
          throw new Error('--output must name one file, or be "-".')
        return true
      })
      .example('$0 generate Transaction', 'transaction.csv: 1,000 records, 100 of them with an error')
      .example(
        '$0 generate Event --count 5000000 --invalid 0.02 --output events.ndjson --json > events.account.json',
        'a large file, and what a load of it must come to',
      )
      .example('$0 generate Metric --seed 7 --output - | head', 'to standard output')
      .epilogue('Exit codes: 0 done, 2 wrong flags or a file that cannot be written, 130 interrupted.') as never,
  handler: (argv) =>
    withCluster(argv, async (_cluster, context) => {
      const samples = samplesOf(context.definition, argv.entity)
      const format = argv.format ?? EXTENSIONS[extname(argv.output ?? '').toLowerCase()] ?? 'csv'
      const { count, seed, invalid } = argv
      const options = { count, seed, invalid, format }
      if (argv.output === STDOUT) await printFile(context, samples, { options, isJson: argv.json })
      else {
        const file = argv.output ?? `${nameOf(samples.entity).toLowerCase()}.${format}`
        await makeFile(context, samples, { options, isJson: argv.json, file })
      }
      return 0
    }),
}

/** What the user asked for. */
interface Request {
  readonly options: SampleFileOptions
  readonly isJson: boolean
}

async function makeFile(
  context: CommandContext,
  samples: EntitySamples,
  { file, options, isJson }: Request & { readonly file: string },
): Promise<void> {
  const isThere = existsSync(file)
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort()
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    const account = await generateFile(samples, file, { ...options, signal: interrupt.signal })
    if (isJson) context.json({ file, ...account })
    else context.err(sentence(file, account))
    if (isThere) context.err('The file was there and is overwritten.')
  } catch (error) {
    if (!interrupt.signal.aborted || error instanceof ShardyardError) throw error
    throw new ShardyardError('SY_INTERRUPTED', 'Interrupted; nothing was written. The same command makes the file.')
  } finally {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
}

/** Standard output has the records, so what is told of them goes to standard error. */
async function printFile(context: CommandContext, samples: EntitySamples, { options, isJson }: Request): Promise<void> {
  const sample = new SampleFile(samples, options)
  for (const block of sample.blocks()) if (!(await isTaken(block))) return
  const account = sample.account()
  context.err(isJson ? JSON.stringify({ file: STDOUT, ...account }, null, 2) : sentence('Standard output', account))
}

/** Waits until standard output has taken a block; false when its reader wants no more. */
function isTaken(block: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process.stdout.write(block, (error) => {
      if (error === undefined || error === null) return resolve(true)
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return resolve(false)
      reject(error)
    })
  })
}

function sentence(file: string, { count, accepted, rejected, duplicate, ...more }: SampleAccount): string {
  const kinds = Object.keys(rejected.byKind).length
  const parts = [
    `${whole(accepted)} without an error`,
    `${whole(rejected.count)} with one${rejected.count > 0 ? ` (of ${counted(kinds, 'kind')})` : ''}`,
    counted(duplicate, 'duplicate'),
  ]
  const besides = `${counted(more.blank, 'blank line')}, ${counted(more.header, 'header line')}`
  return `${file} has ${counted(count, 'record')}: ${parts.join(', ')}. Besides: ${besides}. SHA-256: ${more.sha256}`
}

function counted(value: number, word: string): string {
  return `${whole(value)} ${word}${value === 1 ? '' : 's'}`
}

function whole(value: number): string {
  return value.toLocaleString('en-US')
}
