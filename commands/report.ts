import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import type { CommandModule } from 'yargs'
import { ShardyardError } from '../src/errors.js'
import { reportJob } from '../src/pipeline/jobs/report-job.js'
import { checkReportOptions } from '../src/pipeline/reports/check-report-options.js'
import type { Report } from '../src/pipeline/reports/define-report.js'
import { reportsOf } from '../src/pipeline/reports/find-report.js'
import { loadTemplate } from '../src/pipeline/reports/load-template.js'
import type { ReportRequest } from '../src/pipeline/reports/report-request.js'
import type { ReportResult } from '../src/pipeline/reports/write-model.js'
import { writeReport } from '../src/pipeline/reports/write-report.js'
import { FORMATS, isReportFormat, type ReportFormat } from '../src/pipeline/reports/writers/formats.js'
import { table } from '../src/util/text-table.js'
import { checkNumber } from './shared/check-number.js'
import { interruptible } from './shared/interruptible.js'
import { cellText, processIo } from './shared/io.js'
import { exampleOf, flagOf, flagsOf, optionsGiven, reportOfLine } from './shared/report-flags.js'
import { ReportProgressLine } from './shared/report-progress.js'
import { CONFIG_OPTION, loadConfig, withCluster, type CommandContext } from './shared/with-cluster.js'
import { withQueue, type QueueContext } from './shared/with-queue.js'

interface Argv {
  readonly config?: string
  readonly report?: string
  readonly list: boolean
  readonly format?: string
  readonly output?: string
  readonly table?: string
  readonly raw: boolean
  readonly template?: string
  readonly threads: number
  readonly background: boolean
  readonly json: boolean
}

/** Names standard output instead of a file. */
const STDOUT = '-'
const DEFAULT_FORMAT = 'pdf'
/** Endings that are not named as their format is. */
const OTHER_ENDINGS: ReadonlyMap<string, string> = new Map([
  ['jsonl', 'ndjson'],
  ['htm', 'html'],
])

export const command = commandFor(undefined)

/** The command with the flags of the report that the line names. */
export async function prepare(words: readonly string[]): Promise<CommandModule<object, never>> {
  return commandFor(await reportOfLine(words))
}

function commandFor(report: Report | undefined): CommandModule<object, never> {
  const own: CommandModule<object, Argv> = {
    command: 'report [report]',
    describe: report?.describe ?? 'write a report, whole or not at all; --list shows which there are',
    builder: (yargs) =>
      yargs
        .positional('report', { type: 'string', describe: 'name of the report' })
        .options({
          ...(report !== undefined && flagsOf(report)),
          list: { type: 'boolean', default: false, describe: 'list the reports and their options' },
          format: {
            type: 'string',
            describe: `${Object.keys(FORMATS).join(', ')}; without it the ending of the file says it, or it is ${DEFAULT_FORMAT}`,
            requiresArg: true,
          },
          output: {
            type: 'string',
            describe: 'the file to write, "-" for standard output; without it a file named after the report',
            requiresArg: true,
          },
          table: {
            type: 'string',
            describe: 'csv and ndjson: the table to write, or "figures"; without it the main one',
            requiresArg: true,
          },
          raw: {
            type: 'boolean',
            default: false,
            describe: 'csv and xlsx for machines: leave texts that a spreadsheet would take for a formula as they are',
          },
          template: {
            type: 'string',
            describe:
              'pdf and html: a module (.js, .mjs, .cjs) that exports defineTemplate({ … }), for logo, colours and fonts',
            requiresArg: true,
          },
          threads: {
            type: 'number',
            default: 1,
            describe: 'threads for a large report that is made in parts, 1 to 64',
            requiresArg: true,
          },
          background: {
            type: 'boolean',
            default: false,
            describe: 'store it as a job for "shardyard work", which writes it into the files folder',
          },
          json: { type: 'boolean', default: false, describe: 'print one JSON value instead of a sentence' },
          ...CONFIG_OPTION,
        })
        .check(checkFlags)
        .example(...firstExample(report))
        .example(`$0 report ${report?.name ?? 'NAME'} --format csv --output - | head`, 'one table, to standard output')
        .epilogue(
          'Exit codes: 0 written, 1 the report failed, 2 wrong flags or a file that cannot be written, 130 interrupted.',
        ) as never,
    handler: (argv) => (argv.list ? listReports(argv) : writeNamed(report, argv)),
  }
  return own as CommandModule<object, never>
}

function firstExample(report: Report | undefined): [string, string] {
  if (report === undefined)
    return ['$0 report --list', 'which there are; "report NAME --help" tells the options of one']
  return [exampleOf(report), 'the ending of the file says the format']
}

function checkFlags(argv: Argv): true {
  checkNumber('threads', argv.threads, { min: 1, max: 64 })
  if (argv.format !== undefined && !isReportFormat(argv.format))
    throw new Error(`--format must be one of ${Object.keys(FORMATS).join(', ')}.`)
  if (argv.output === '') throw new Error('--output must name one file, or be "-".')
  if (argv.background && (argv.output !== undefined || argv.template !== undefined))
    throw new Error('--background writes into the files folder, in the usual look: leave --output and --template out.')
  if (argv.report === undefined && !argv.list) throw new Error('Name a report; "shardyard report --list" shows them.')
  return true
}

async function listReports(argv: Argv): Promise<void> {
  const io = processIo()
  const { definition } = await loadConfig(argv)
  const reports = reportsOf(definition).map(({ name, describe, options }) => ({ name, describe, options }))
  if (argv.json) return io.json(reports)
  if (reports.length === 0) return io.out('No report is defined.')
  const rows = reports.map(({ name, describe, options }) => [
    name,
    describe,
    Object.keys(options)
      .map((option) => `--${flagOf(option)}`)
      .join(' '),
  ])
  io.out(table(['Report', 'What it tells', 'Options'], rows))
}

async function writeNamed(report: Report | undefined, argv: Argv): Promise<void> {
  // Flags that stand before the name hid it from `prepare`.
  if (report === undefined) throw new ShardyardError('SY_OPTION_INVALID', 'Name the report first: "report NAME …".')
  if (argv.background) return withQueue(argv, (context) => storeJob(context, report, argv))
  const request = { ...requestOf(report, argv), ...(await templateOf(argv)) }
  const { output, format } = request
  await withCluster(argv, async (cluster, { config, ...context }) => {
    const isThere = output !== STDOUT && existsSync(output)
    const place = output === STDOUT ? process.stdout : output
    const progress = new ReportProgressLine()
    const written = await interruptible(
      progress,
      (signal) =>
        writeReport(cluster, { ...request, output: place, config }, { signal, onProgress: progress.onProgress }),
      'Interrupted; nothing was written. The same command makes the report.',
    ).catch(unlessReaderLeft)
    if (written !== undefined) tell(context, { ...written, file: output }, { ...argv, isThere, format })
    return 0
  })
}

async function storeJob({ queue, cluster, out }: QueueContext, report: Report, argv: Argv): Promise<number> {
  const { format, isRaw = false, table: name } = requestOf(report, argv)
  const options = optionsGiven(report, argv as never) as { readonly [option: string]: string }
  const given = name === undefined ? {} : { table: name }
  const id = await queue.enqueue(reportJob(cluster, { report: report.name, options, format, isRaw, ...given }))
  if (argv.json) out(JSON.stringify({ job: id, report: report.name, format }, null, 2))
  else
    out(`Job ${id} makes the report ${report.name}: "shardyard work" runs it, "shardyard jobs show ${id}" tells of it.`)
  return 0
}

/** Mistakes are told in the words of the command line, before a database is opened. */
function requestOf(report: Report, argv: Argv): ReportRequest & { readonly output: string } {
  const format = formatOf(argv)
  requireUse(format, argv)
  return {
    report: report.name,
    options: checkReportOptions(report, optionsGiven(report, argv as never), (option) => `--${flagOf(option)}`),
    format,
    output: argv.output ?? `${report.name}.${FORMATS[format]().extension}`,
    isRaw: argv.raw,
    table: argv.table,
    workers: argv.threads,
  }
}

async function templateOf({ template }: Argv): Promise<Pick<ReportRequest, 'template'>> {
  return template === undefined ? {} : { template: await loadTemplate(template) }
}

function formatOf({ format, output = '' }: Argv): ReportFormat {
  const ending = extname(output).slice(1).toLowerCase()
  const name = format ?? (ending === '' ? DEFAULT_FORMAT : (OTHER_ENDINGS.get(ending) ?? ending))
  if (isReportFormat(name)) return name
  const known = `--format must be one of ${Object.keys(FORMATS).join(', ')}`
  const why = format === undefined && ending !== '' ? `; the ending of "${output}" is none of them` : ''
  throw new ShardyardError('SY_OPTION_INVALID', `${known}${why}.`)
}

function requireUse(format: ReportFormat, { raw, table: name, template }: Argv): void {
  const given = [
    ...(raw ? (['raw'] as const) : []),
    ...(name === undefined ? [] : (['table'] as const)),
    ...(template === undefined ? [] : (['template'] as const)),
  ]
  const { takes } = FORMATS[format]()
  const useless = given.find((flag) => takes?.includes(flag) === false)
  if (useless === undefined) return
  throw new ShardyardError('SY_OPTION_INVALID', `--${useless} makes no difference to ${format}; leave it out.`)
}

/** A reader of standard output that goes away wants no more; what else happens to it is told by `cli.ts`. */
function unlessReaderLeft(error: unknown): undefined {
  if (!(error instanceof ShardyardError) || error.code !== 'SY_OUTPUT_FAILED' || 'file' in error.details) throw error
  if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE') return undefined
  throw error.cause
}

/** Standard output has the report when that is where it went; then what is told of it goes to standard error. */
function tell(
  context: Pick<CommandContext, 'out' | 'err'>,
  result: ReportResult & { readonly file: string },
  { json, report, format, isThere }: Argv & { readonly isThere: boolean; readonly format: ReportFormat },
): void {
  const say = result.file === STDOUT ? context.err : context.out
  if (json) return say(JSON.stringify({ report, format, ...result }, null, 2))
  const { file, rows, pages, sizeBytes, sha256 } = result
  const parts = [
    `${whole(rows)} ${rows === 1 ? 'row' : 'rows'}`,
    ...(pages === undefined ? [] : [`${whole(pages)} ${pages === 1 ? 'page' : 'pages'}`]),
    sizeBytes < 10_000 ? `${sizeBytes} bytes` : `${whole(Math.round(sizeBytes / 1000))} kB`,
  ]
  const place = file === STDOUT ? 'standard output' : cellText(file, 200)
  say(`The report ${report} is in ${place}: ${parts.join(', ')}. SHA-256: ${sha256}`)
  if (isThere) say('The file was there and is overwritten.')
}

function whole(value: number): string {
  return value.toLocaleString('en-US')
}
