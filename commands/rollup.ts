import type { CommandModule } from 'yargs'
import { ShardyardError } from '../src/errors.js'
import { findRollups, runRollup } from '../src/pipeline/reports/run-rollup.js'
import { interruptible } from './shared/interruptible.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly name?: string
  readonly rebuild: boolean
  readonly json: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'rollup [name]',
  describe: 'add up what has come since the last time, so that long reports are quick',
  builder: (yargs) =>
    yargs
      .positional('name', { type: 'string', describe: 'the roll-up; all of them unless given' })
      .options({
        rebuild: { type: 'boolean', default: false, describe: 'compute everything again, after rows were changed' },
        json: { type: 'boolean', default: false, describe: 'print one JSON value' },
        ...CONFIG_OPTION,
      })
      .example('$0 rollup', 'every night, after the data of the day has come') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const results: object[] = []
      for (const rollup of findRollups(context.definition, argv.name)) {
        const { name } = rollup
        const startedAt = performance.now()
        const onProgress = (done: number, total: number) => {
          if (context.isTerminal && !argv.json) context.redraw(`${name}: ${Math.floor((100 * done) / total)} %`)
        }
        const end = () => (context.isTerminal && !argv.json ? context.redraw('') : undefined)
        const { rows, says } = await interruptible({ end }, (signal) =>
          runRollup(rollup, { cluster, isAnew: argv.rebuild, signal, onProgress }).catch((error: unknown) => {
            throw signal.aborted ? interrupted() : error
          }),
        )
        const wallMs = Math.round(performance.now() - startedAt)
        results.push({ name, rows, says, wallMs })
        if (!argv.json) context.out(`${name}: ${rows.toLocaleString('en-US')} rows written. ${says}`)
      }
      if (argv.json) context.json(results)
      else if (results.length === 0) context.out('The config has no roll-ups.')
      return 0
    }),
}

function interrupted(): ShardyardError {
  return new ShardyardError('SY_INTERRUPTED', 'Interrupted. The same command goes on.')
}
