/** Command line → command → exit code. The only file that may end the process. */
import 'reflect-metadata'
import yargs, { type CommandModule } from 'yargs'
import { ShardyardError, type ErrorCode } from '../src/errors.js'
import { printable } from '../src/util/text-table.js'

const { version } = require('../../package.json') as { version: string }

/** What a command file has; `prepare` gives a command whose flags depend on the rest of the line. */
interface CommandFile {
  readonly command: CommandModule<object, never>
  readonly prepare?: (words: readonly string[]) => Promise<CommandModule<object, never>>
}

/** Commands load when they are asked for, so that `--help` and a wrong flag answer at once. */
const COMMANDS: Readonly<Record<string, () => CommandFile>> = {
  'simulate-insertions': () => require('./simulate-insertions.js'),
  'generate-pdf-report': () => require('./generate-pdf-report.js'),
  ingest: () => require('./ingest.js'),
  report: () => require('./report.js'),
  rejects: () => require('./rejects.js'),
  redrive: () => require('./redrive.js'),
  trace: () => require('./trace.js'),
  rollup: () => require('./rollup.js'),
  generate: () => require('./generate.js'),
  migrate: () => require('./migrate.js'),
  check: () => require('./check.js'),
  runs: () => require('./runs.js'),
  work: () => require('./work.js'),
  jobs: () => require('./jobs.js'),
  serve: () => require('./serve.js'),
  keys: () => require('./keys.js'),
  config: () => require('./config.js'),
}

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  SY_DEFINITION_INVALID: 2,
  SY_CONFIG_INVALID: 2,
  SY_OPTION_INVALID: 2,
  SY_INPUT_INVALID: 2,
  SY_OUTPUT_FAILED: 2,
  SY_RUN_UNKNOWN: 2,
  SY_REPORT_UNKNOWN: 2,
  SY_JOB_UNKNOWN: 2,
  SY_JOB_STATE: 2,
  SY_KEY_UNKNOWN: 2,
  SY_DRIVER_MISSING: 2,
  SY_DATABASE_UNKNOWN: 2,
  SY_SOURCE_UNREADABLE: 2,
  SY_ENTITY_UNKNOWN: 2,
  SY_SCHEMA_DRIFT: 3,
  SY_TOO_MANY_REJECTS: 3,
  SY_INTERRUPTED: 130,
}

const DOWN: readonly ErrorCode[] = ['SY_DATABASE_DOWN', 'SY_QUEUE_DOWN']

/** What may be given several times. */
const LISTS: ReadonlySet<string> = new Set(['_', 'database', 'source', 'scope', 'allow-host', 'allowHost'])

/** Stands for a lone "-" while yargs reads the words: it would drop one that is among the names of files. */
const DASH = '\u0000-'

/** A mistake in the flags, in a sentence. */
class WrongFlags extends Error {}

/** Runs one command line; `name` is how the user called the program. */
export async function runCli(argv: readonly string[], name: string): Promise<void> {
  const isToldAlready = watchOutput()
  try {
    await parse(argv, name)
  } catch (error) {
    if (!isToldAlready(error)) process.exitCode = report(error, name)
  }
}

/**
 * A reader that closes its end early (`| head`) wants no more lines; the work goes on to its end all the same. Whoever
 * waits for the stream gets its error too: the answer tells whether an error is one of them.
 */
function watchOutput(): (error: unknown) => boolean {
  const { stdout, stderr } = process
  const errors = new WeakSet<object>()
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    errors.add(error)
    if (error.code === 'EPIPE') return
    const text = `Standard output cannot be written: ${error.message}. The command has stopped.\n`
    stderr.write(text, () => process.exit(1))
  })
  stderr.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || process.exit(1))
  return (error) => typeof error === 'object' && error !== null && errors.has(error)
}

async function parse(argv: readonly string[], name: string): Promise<void> {
  const program = yargs([])
    .scriptName(name)
    .version(version)
    .strict()
    .demandCommand(1, 'Name a command.')
    .recommendCommands()
    .check(requireOnce)
    .help()
    .alias('help', 'h')
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .middleware((given) => {
      for (const [key, value] of Object.entries(given)) given[key] = withDashes(value)
    }, true)
    .fail((message, error) => {
      if (error instanceof ShardyardError) throw error
      // yargs hands the error of a check over with its message; any other error is a fault of ours.
      if (error !== undefined && error.message !== message && message !== null) throw error
      throw isUsage(message, error) ? new WrongFlags(message ?? error?.message) : error
    })
  const own = COMMANDS[name]
  program.usage(own === undefined ? '$0 <command> [options]' : '$0 [options]')
  if (own === undefined) for (const command of await commandsFor(argv)) program.command(command)
  else program.command({ ...own().command, command: '$0' })
  await program.parseAsync(argv.map((word) => (word === '-' ? DASH : word)))
}

function withDashes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDashes)
  return value === DASH ? '-' : value
}

/** Every other flag has one value, which its command checks. */
function requireOnce(argv: Readonly<Record<string, unknown>>): true {
  for (const [flag, value] of Object.entries(argv)) {
    if (!Array.isArray(value) || LISTS.has(flag)) continue
    throw new Error(`--${flag} is given ${value.length === 2 ? 'twice' : `${value.length} times`}; give it once.`)
  }
  return true
}

/** The command that is named; all of them when none is, for the help. */
async function commandsFor([name = '', ...words]: readonly string[]): Promise<CommandModule<object, never>[]> {
  const named = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.() : undefined
  if (named === undefined) return Object.values(COMMANDS).map((load) => load().command)
  return [named.prepare === undefined ? named.command : await named.prepare(words)]
}

/** yargs gives no class to its own errors: they have a message and either no error or a YError. */
function isUsage(message: string | null, error: Error | undefined): boolean {
  return (message !== null && message !== '') || error === undefined || error.name === 'YError'
}

/** Prints what went wrong as one clear message; answers the exit code. */
function report(error: unknown, name: string): number {
  const { stderr } = process
  if (error instanceof WrongFlags) {
    stderr.write(`${shown(error.message)}\n"${name} --help" shows what there is.\n`)
    return 2
  }
  if (error instanceof ShardyardError) {
    stderr.write(`${shown(error.message)}\n`)
    return exitCodeOf(error)
  }
  stderr.write(
    `${name} has met an error that it does not know:\n${shown(error instanceof Error ? String(error.stack) : String(error))}\n`,
  )
  return 1
}

/** A message, which may name what a file or a record is called, without what a terminal would obey. */
function shown(message: string): string {
  return message.split('\n').map(printable).join('\n')
}

/** A database or queue that refuses (wrong password, no such database) is a mistake in the config; one that is away is not. */
function exitCodeOf(error: ShardyardError): number {
  if (DOWN.includes(error.code) && error.details['kind'] === 'refused') return 2
  return EXIT_CODES[error.code] ?? 1
}
