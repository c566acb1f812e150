import type { CommandModule } from 'yargs'
import type { RunRow } from '../src/cluster/bookkeeping/run-row.js'
import { hasRuns } from '../src/pipeline/runs/find-run.js'
import { RunStore } from '../src/pipeline/runs/run-store.js'
import { table } from '../src/util/text-table.js'
import { checkNumber } from './shared/check-number.js'
import { cellText } from './shared/io.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly limit: number
  readonly json: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'runs',
  describe: 'list the runs that are recorded, newest first',
  builder: (yargs) =>
    yargs
      .options({
        limit: { type: 'number', default: 20, describe: 'most runs to list', requiresArg: true },
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of a table' },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('limit', argv.limit, { min: 1, max: 10_000 })
        return true
      })
      .example('$0 runs', 'the 20 newest runs') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const runs = (await hasRuns(cluster)) ? await new RunStore(cluster).list(argv.limit) : []
      if (argv.json) context.json(runs.map(runJson))
      else if (runs.length === 0) context.out('No run is recorded yet. "simulate-insertions" makes one.')
      else
        context.out(
          table(['Run', 'Kind', 'State', 'Started (UTC)', 'Wall', 'Threads', 'Batch', 'Source'], runs.map(rowOf)),
        )
      return 0
    }),
}

function rowOf(run: RunRow): string[] {
  return [
    run.id,
    run.kind,
    run.state,
    run.startedAt.toISOString().slice(0, 19).replace('T', ' '),
    `${(Number(run.wallMs) / 1000).toFixed(2)} s`,
    String(run.threads),
    run.batch === 0 ? '' : String(run.batch),
    cellText(run.title),
  ]
}

function runJson({ id, kind, state, startedAt, finishedAt, wallMs, threads, batch, title, identity }: RunRow): object {
  return { id, kind, state, startedAt, finishedAt, wallMs: Number(wallMs), threads, batch, source: title, identity }
}
