import { existsSync } from 'node:fs'
import type { CommandModule } from 'yargs'
import { runModel } from '../src/pipeline/reports/run-model.js'
import { writeModel } from '../src/pipeline/reports/write-model.js'
import { pdfWriter } from '../src/pipeline/reports/writers/pdf-report.js'
import { requireWritable } from '../src/util/whole-file.js'
import { findRun, hasRuns, unknownRun } from '../src/pipeline/runs/find-run.js'
import { RunStore } from '../src/pipeline/runs/run-store.js'
import type { RunRow } from '../src/cluster/bookkeeping/run-row.js'
import type { Cluster } from '../src/cluster/cluster.js'
import { checkNumber } from './shared/check-number.js'
import { runSimulation } from './shared/simulate.js'
import { CONFIG_OPTION, withCluster, type CommandContext } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly run: string
  readonly output: string
  readonly rows: number
}

export const command: CommandModule<object, Argv> = {
  command: 'generate-pdf-report',
  describe: 'write a PDF of a run: what went in, what did not, and why',
  builder: (yargs) =>
    yargs
      .options({
        run: {
          type: 'string',
          default: 'latest',
          describe: 'id of a run, or "latest"; "shardyard runs" lists them',
          requiresArg: true,
        },
        output: { type: 'string', default: 'insertion-report.pdf', describe: 'the file to write', requiresArg: true },
        rows: {
          type: 'number',
          default: 1_000,
          describe: 'most rows of each entity, shared among its tables',
          requiresArg: true,
        },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('rows', argv.rows, { min: 0, max: 1_000_000 })
        if (argv.output === '') throw new Error('--output must name a file.')
        return true
      })
      .example('generate-pdf-report', 'the latest run, as insertion-report.pdf')
      .example(
        'generate-pdf-report --run mhx2k1v07q3d --output friday.pdf --rows 5000',
        'a certain run, with longer tables',
      ) as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const run = await findOrMakeRun(cluster, context, argv)
      const model = await runModel(cluster, { run: run.id, rowsMax: argv.rows })
      const isThere = existsSync(argv.output)
      const { pages, sizeBytes } = await writeModel(model, pdfWriter, argv.output)
      const size =
        sizeBytes < 10_000 ? `${sizeBytes} bytes` : `${Math.round(sizeBytes / 1000).toLocaleString('en-US')} kB`
      context.out(
        `Run ${run.id} is in ${argv.output} (${pages} ${pages === 1 ? 'page' : 'pages'}, ${size}).${isThere ? ' The file was there and is overwritten.' : ''}`,
      )
      return 0
    }),
}

/** The run that is asked for; where none was ever recorded, the simulation makes one first. */
async function findOrMakeRun(cluster: Cluster, context: CommandContext, { run: id, output }: Argv): Promise<RunRow> {
  if (await hasRuns(cluster)) {
    if (id !== 'latest' || (await new RunStore(cluster).find(id)) !== undefined) return findRun(cluster, id)
  } else if (id !== 'latest') {
    throw unknownRun(id)
  }
  await requireWritable(output)
  context.out('No run is recorded yet: the simulation runs first, on the sample data with 10 threads.')
  const request = {
    threads: 10,
    batch: 1,
    data: 'sample',
    count: undefined,
    seed: 1,
    invalid: 0.15,
    waitMs: 60_000,
    isQuiet: false,
  }
  const account = await runSimulation(cluster, context, request)
  return findRun(cluster, account.id, 'simulation')
}
