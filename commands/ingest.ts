import type { CommandModule } from 'yargs'
import { ingest } from '../src/pipeline/ingest/ingest.js'
import type { IngestOptions } from '../src/pipeline/ingest/ingest-options.js'
import { checkNumber } from './shared/check-number.js'
import { accountOfIngestJson } from './shared/ingest-json.js'
import { printIngest } from './shared/ingest-tables.js'
import { interruptible } from './shared/interruptible.js'
import { migrateFor } from './shared/migrate-for.js'
import { Progress } from './shared/progress.js'
import { readMap } from './shared/read-map.js'
import { expandSources } from './shared/expand-sources.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly source: string[]
  readonly into: string
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
  command: 'ingest <source..>',
  describe: 'load files into the databases of an entity, every record accounted for, exactly once',
  builder: (yargs) =>
    yargs
      .positional('source', {
        type: 'string',
        array: true,
        describe: 'files, patterns such as "in/*.csv", or - for standard input',
      })
      .options({
        into: { type: 'string', demandOption: true, describe: 'entity that the records become', requiresArg: true },
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
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of tables' },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('threads', argv.threads, { min: 1, max: 64 })
        checkNumber('wait', argv.wait, { min: 0, max: 86_400 })
        return true
      })
      .example('$0 ingest events.csv --into Event', 'one file, its format and delimiter told from its first bytes')
      .example('$0 ingest "in/*.csv.gz" --into Transaction --threads 4 --max-rejects 1%', 'many files in one run')
      .example('cat events.ndjson | $0 ingest - --into Event --dedupe canonical', 'standard input') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const sources = await expandSources(argv.source)
      const map = argv.map === undefined ? undefined : await readMap(argv.map)
      const progress = new Progress(context, argv.json)
      const account = await interruptible(progress, async (signal) => {
        const patience = { waitMs: argv.wait * 1000, signal, onEvent: progress.onEvent }
        await migrateFor(cluster, argv.into, { patience, say: argv.json ? context.err : context.out })
        return ingest(cluster, sources, {
          ...given({ ...argv, map, header: argv.header?.split(',') }),
          into: argv.into,
          waitMs: patience.waitMs,
          config: context.config,
          signal,
          onEvent: progress.onEvent,
          faults: process.env['SHARDYARD_FAULTS'] ?? '',
        })
      })
      if (argv.json) context.json(accountOfIngestJson(account))
      else await printIngest(context, cluster, account)
      return 0
    }),
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
function given(argv: Readonly<Record<string, unknown>>): Partial<IngestOptions> {
  return Object.fromEntries(PASSED.flatMap((name) => (argv[name] === undefined ? [] : [[name, argv[name]]])))
}
