import type { CommandModule } from 'yargs'
import type { Cluster } from '../src/cluster/cluster.js'
import { dryRun } from '../src/pipeline/ingest/dry-run.js'
import { ingest } from '../src/pipeline/ingest/ingest.js'
import type { IngestOptions } from '../src/pipeline/ingest/ingest-options.js'
import { resumable, type ResumeOptions } from '../src/pipeline/ingest/resumable.js'
import { findRun } from '../src/pipeline/runs/find-run.js'
import { checkNumber } from './shared/check-number.js'
import { accountOfIngestJson } from './shared/ingest-json.js'
import { printDryRun } from './shared/dry-run-tables.js'
import { printIngest } from './shared/ingest-tables.js'
import { interruptible } from './shared/interruptible.js'
import { ingestTopic } from './shared/ingest-topic.js'
import { migrateFor } from '../src/pipeline/maintenance/migrate-for.js'
import { Progress } from './shared/progress.js'
import { readMap } from './shared/read-map.js'
import { expandSources } from './shared/expand-sources.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly source?: string[]
  readonly into?: string
  readonly resume?: string
  readonly dryRun: boolean
  readonly kafka?: string
  readonly topic?: string
  readonly group?: string
  readonly format: 'auto' | 'csv' | 'json' | 'ndjson'
  readonly map?: string
  readonly threads: number
  readonly dedupe: 'raw' | 'canonical' | 'key'
  readonly ledger: 'full' | 'rejects' | 'counts'
  readonly maxRejects?: string
  readonly encoding?: string
  readonly delimiter?: string
  readonly header?: string
  readonly path?: string
  readonly zone?: string
  readonly wait: number
  readonly json: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'ingest [source..]',
  describe: 'load files into the databases of an entity, every record accounted for, exactly once',
  builder: (yargs) =>
    yargs
      .positional('source', {
        type: 'string',
        array: true,
        describe: 'files, patterns such as "in/*.csv", or - for standard input',
      })
      .options({
        into: { type: 'string', describe: 'entity that the records become', requiresArg: true },
        format: {
          choices: ['auto', 'csv', 'json', 'ndjson'],
          default: 'auto',
          describe: 'how the files are written',
          requiresArg: true,
        },
        map: {
          type: 'string',
          describe: 'names to properties: a=b,c=d, or a JSON file with such an object',
          requiresArg: true,
        },
        threads: { type: 'number', default: 2, describe: 'worker threads, 1 to 64', requiresArg: true },
        dedupe: {
          choices: ['raw', 'canonical', 'key'],
          default: 'raw',
          describe: 'what makes two records the same: their bytes, their content, or their unique key',
          requiresArg: true,
        },
        ledger: {
          choices: ['full', 'rejects', 'counts'],
          default: 'full',
          describe: 'what is kept of the records',
          requiresArg: true,
        },
        'max-rejects': {
          type: 'string',
          describe: 'stop when more are rejected: a number, or a share such as 5%',
          requiresArg: true,
        },
        encoding: { type: 'string', describe: 'such as utf-8, utf-16le, windows-1254', requiresArg: true },
        delimiter: { type: 'string', describe: 'CSV: what stands between two fields', requiresArg: true },
        header: {
          type: 'string',
          describe: 'CSV: names of the columns of a file without a header line: a,b,c',
          requiresArg: true,
        },
        path: {
          type: 'string',
          describe: 'JSON: the member of the outer object that holds the records',
          requiresArg: true,
        },
        zone: {
          type: 'string',
          describe: 'time zone of dates that say none, such as Europe/Istanbul',
          requiresArg: true,
        },
        wait: {
          type: 'number',
          default: 60,
          describe: 'seconds to wait for a database that is down',
          requiresArg: true,
        },
        'dry-run': { type: 'boolean', default: false, describe: 'read and check everything, write nothing' },
        resume: { type: 'string', describe: 'go on with an unfinished run: its files, its options', requiresArg: true },
        kafka: {
          type: 'string',
          describe: 'brokers of a Kafka topic to read until Ctrl-C: host:port,host:port',
          requiresArg: true,
        },
        topic: { type: 'string', describe: 'with --kafka: the topic', requiresArg: true },
        group: {
          type: 'string',
          describe: 'with --kafka: the consumer group, which remembers how far it got',
          requiresArg: true,
        },
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of tables' },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('threads', argv.threads, { min: 1, max: 64 })
        checkNumber('wait', argv.wait, { min: 0, max: 86_400 })
        if (argv.resume !== undefined) {
          if ((argv.source?.length ?? 0) > 0 || argv.into !== undefined)
            throw new Error('--resume takes the files and the entity from its run; leave them out.')
          return true
        }
        if (argv.kafka !== undefined) {
          if (argv.topic === undefined || argv.group === undefined)
            throw new Error('--kafka needs --topic and --group.')
          if ((argv.source?.length ?? 0) > 0) throw new Error('--kafka reads a topic; leave the files out.')
          if (argv.dryRun) throw new Error('--dry-run looks at files; a topic has no end.')
          if (argv.into === undefined) throw new Error('Say with --into which entity the records become.')
          return true
        }
        if ((argv.source?.length ?? 0) === 0) throw new Error('Name a file to ingest, or "-" for standard input.')
        if (argv.into === undefined) throw new Error('Say with --into which entity the records become.')
        return true
      })
      .example('$0 ingest events.csv --into Event', 'one file, its format and delimiter told from its first bytes')
      .example('$0 ingest "in/*.csv.gz" --into Transaction --threads 4 --max-rejects 1%', 'many files in one run')
      .example('$0 ingest dirty.csv --into Event --dry-run', 'what would become of it: columns, changes, first errors')
      .example('$0 ingest --kafka localhost:9092 --topic events --group load --into Event', 'a topic, until Ctrl-C')
      .example('cat events.ndjson | $0 ingest - --into Event --dedupe canonical', 'standard input') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const progress = new Progress(context, argv.json)
      if (argv.kafka !== undefined) {
        const account = await ingestTopic(cluster, context, { ...argv, kafka: argv.kafka, into: argv.into ?? '' })
        if (argv.json) context.json(accountOfIngestJson(account))
        else printIngest(context, account)
        return 0
      }
      const work = await workOf(cluster, argv)
      const result = await interruptible(progress, async (signal) => {
        const patience = { waitMs: argv.wait * 1000, signal, onEvent: progress.onEvent }
        const options = {
          ...work.options,
          waitMs: patience.waitMs,
          config: context.config,
          signal,
          onEvent: progress.onEvent,
        }
        if (argv.dryRun) return { dry: await dryRun(cluster, work.sources, options) }
        await migrateFor(cluster, work.options.into, { patience, say: argv.json ? context.err : context.out })
        const faults = process.env['SHARDYARD_FAULTS'] ?? ''
        return { account: await ingest(cluster, work.sources, { ...options, faults }) }
      })
      if (result.dry !== undefined) {
        if (argv.json) context.json(result.dry)
        else printDryRun(context, result.dry)
      } else if (argv.json) context.json(accountOfIngestJson(result.account))
      else printIngest(context, result.account)
      return 0
    }),
}

/** What is read, and how: said by the flags, or by the run that is resumed. */
async function workOf(
  cluster: Cluster,
  argv: Argv,
): Promise<{ readonly sources: readonly string[]; readonly options: ResumeOptions }> {
  if (argv.resume !== undefined) {
    const run = await findRun(cluster, argv.resume, 'ingestion')
    const { sources, options } = await resumable(run)
    return { sources, options: { ...options, ...given({ threads: argv.threads, maxRejects: argv.maxRejects }) } }
  }
  const map = argv.map === undefined ? undefined : await readMap(argv.map)
  const options = { ...given({ ...argv, map, header: argv.header?.split(',') }), into: argv.into ?? '' }
  return { sources: await expandSources(argv.source ?? []), options }
}

const PASSED = [
  'format',
  'map',
  'threads',
  'dedupe',
  'ledger',
  'maxRejects',
  'encoding',
  'delimiter',
  'header',
  'path',
  'zone',
] as const

/** The flags that are given, as options. */
function given(argv: Readonly<Record<string, unknown>>): Partial<Omit<IngestOptions, 'into'>> {
  return Object.fromEntries(PASSED.flatMap((name) => (argv[name] === undefined ? [] : [[name, argv[name]]])))
}
