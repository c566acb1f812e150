import type { CommandModule } from 'yargs'
import { accountJson } from './shared/account-json.js'
import { checkNumber } from './shared/check-number.js'
import { printRun } from './shared/run-tables.js'
import { runSimulation } from './shared/simulate.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'
import { readerOf } from './shared/run-reader.js'

interface Argv {
  readonly config?: string
  readonly threads: number
  readonly batch: number
  readonly data: string
  readonly count?: number
  readonly seed?: number
  readonly invalid?: number
  readonly wait: number
  readonly json: boolean
}

const SEED = 1
const INVALID = 0.15

export const command: CommandModule<object, Argv> = {
  command: 'simulate-insertions',
  describe: 'insert users, products and orders into their databases from many threads, and account for every record',
  builder: (yargs) =>
    yargs
      .options({
        threads: { type: 'number', default: 10, describe: 'worker threads, 1 to 64', requiresArg: true },
        data: {
          type: 'string',
          default: 'sample',
          describe: '"sample", or a JSON file with a list of records',
          requiresArg: true,
        },
        count: {
          type: 'number',
          describe: 'make this many records instead: a third each of users, products, orders',
          requiresArg: true,
        },
        seed: {
          type: 'number',
          defaultDescription: String(SEED),
          describe: 'with --count: which records are made',
          requiresArg: true,
        },
        invalid: {
          type: 'number',
          defaultDescription: String(INVALID),
          describe: 'with --count: share of records with an error, 0 to 1',
          requiresArg: true,
        },
        batch: { type: 'number', default: 1, describe: 'records in one transaction, 1 to 10000', requiresArg: true },
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
        checkNumber('batch', argv.batch, { min: 1, max: 10_000 })
        if (argv.seed !== undefined) checkNumber('seed', argv.seed, { min: 1, max: 9_007_198 })
        checkNumber('wait', argv.wait, { min: 0, max: 86_400 })
        if (argv.count !== undefined) checkNumber('count', argv.count, { min: 1, max: 1_000_000_000 })
        if (argv.invalid !== undefined && !(argv.invalid >= 0 && argv.invalid <= 1))
          throw new Error('--invalid must be a number from 0 to 1.')
        for (const flag of ['seed', 'invalid'] as const) {
          if (argv.count === undefined && argv[flag] !== undefined)
            throw new Error(`--${flag} is for made records: give --count N too, or leave --${flag} out.`)
        }
        if (argv.count !== undefined && argv.data !== 'sample')
          throw new Error('--count makes its own records; leave --data out.')
        return true
      })
      .example('simulate-insertions --threads 10', 'the 30 sample records: 24 accepted, 6 rejected')
      .example(
        'simulate-insertions --count 100000 --batch 500 --threads 2',
        'a larger load, 500 records in one transaction',
      )
      .example('simulate-insertions --data records.json --json', 'your own records, for a machine to read')
      .epilogue(
        'Exit codes: 0 done, 1 stopped (the same command resumes), 2 wrong flags or input, 130 interrupted.',
      ) as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const account = await runSimulation(cluster, context, {
        threads: argv.threads,
        batch: argv.batch,
        data: argv.data,
        count: argv.count,
        seed: argv.seed ?? SEED,
        invalid: argv.invalid ?? INVALID,
        waitMs: argv.wait * 1000,
        isQuiet: argv.json,
      })
      const readLines = await readerOf(cluster, account.id)
      if (argv.json) context.json(await accountJson(account, readLines))
      else await printRun(context, account, readLines)
      return 0
    }),
}
