import { once } from 'node:events'
import type { CommandModule } from 'yargs'
import { exportRejects } from '../src/pipeline/ingest/export-rejects.js'
import { findRun } from '../src/pipeline/runs/find-run.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly run: string
  readonly format: 'csv' | 'json' | 'ndjson'
  readonly code?: string
  readonly raw: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'rejects <run>',
  describe: 'write the records that an ingestion has refused, with every reason, so that they can be corrected',
  builder: (yargs) =>
    yargs
      .positional('run', { type: 'string', describe: 'id of the run, or "latest"' })
      .options({
        format: {
          choices: ['csv', 'json', 'ndjson'],
          default: 'csv',
          describe: 'how they are written',
          requiresArg: true,
        },
        code: { type: 'string', describe: 'only those with this reason, such as NOT_A_NUMBER', requiresArg: true },
        raw: {
          type: 'boolean',
          default: false,
          describe: 'CSV for machines: leave texts that a spreadsheet would take for a formula as they are',
        },
        ...CONFIG_OPTION,
      })
      .example('$0 rejects latest > rejects.csv', 'correct the file, then: shardyard redrive rejects.csv')
      .example('$0 rejects RUN --format ndjson --code AMBIGUOUS_DATE', 'one reason alone') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster) => {
      const run = await findRun(cluster, argv.run, 'ingestion')
      const pieces = exportRejects(cluster, run, { format: argv.format, code: argv.code, isRaw: argv.raw })
      for await (const piece of pieces) if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
      return 0
    }),
}
