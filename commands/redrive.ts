import { existsSync } from 'node:fs'
import type { CommandModule } from 'yargs'
import { redriveFile, redriveRun } from '../src/pipeline/ingest/redrive.js'
import { findRun } from '../src/pipeline/runs/find-run.js'
import { checkNumber } from './shared/check-number.js'
import { accountOfIngestJson } from './shared/ingest-json.js'
import { printIngest } from './shared/ingest-tables.js'
import { interruptible } from './shared/interruptible.js'
import { Progress } from './shared/progress.js'
import { readMap } from './shared/read-map.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly what: string
  readonly map?: string
  readonly zone?: string
  readonly threads: number
  readonly wait: number
  readonly json: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'redrive <what>',
  describe: 'load rejects again: those of a run after a fix, or a corrected export of them',
  builder: (yargs) =>
    yargs
      .positional('what', {
        type: 'string',
        describe: 'id of the run, "latest", or the file with the corrected rejects',
      })
      .options({
        map: { type: 'string', describe: 'names to properties, instead of those of the run', requiresArg: true },
        zone: {
          type: 'string',
          describe: 'time zone of dates that say none, instead of that of the run',
          requiresArg: true,
        },
        threads: { type: 'number', default: 2, describe: 'worker threads, 1 to 64', requiresArg: true },
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
      .example('$0 redrive latest --map when=timestamp', 'the rejects of the latest ingestion, with another map')
      .example('$0 redrive rejects.csv', 'a corrected export, matched by its reject ids') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const map = argv.map === undefined ? undefined : await readMap(argv.map)
      const progress = new Progress(context, argv.json)
      const account = await interruptible(progress, async (signal) => {
        const options = {
          ...(map === undefined ? {} : { map }),
          ...(argv.zone === undefined ? {} : { zone: argv.zone }),
          threads: argv.threads,
          waitMs: argv.wait * 1000,
          config: context.config,
          signal,
          onEvent: progress.onEvent,
          faults: process.env['SHARDYARD_FAULTS'] ?? '',
        }
        if (existsSync(argv.what)) return redriveFile(cluster, argv.what, options)
        return redriveRun(cluster, await findRun(cluster, argv.what, 'ingestion'), options)
      })
      if (argv.json) context.json(accountOfIngestJson(account))
      else printIngest(context, account)
      return 0
    }),
}
