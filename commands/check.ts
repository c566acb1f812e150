import type { CommandModule } from 'yargs'
import { checkSchema, type SchemaCheck } from '../src/pipeline/maintenance/check-schema.js'
import { table } from '../src/util/text-table.js'
import { DATABASE_OPTION, databasesOf } from './shared/database-option.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly database?: readonly string[]
  readonly json: boolean
}

const schemaCommand: CommandModule<object, Argv> = {
  command: 'schema',
  describe: 'compare the schema of every database with its entities',
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const checks = await checkSchema(cluster, databasesOf(argv))
      if (argv.json) context.json(checks)
      else context.out(table(['Database', 'Schema', 'Differences'], checks.map(rowOf)))
      return exitCodeOf(checks)
    }),
}

export const command: CommandModule<object, Argv> = {
  command: 'check',
  describe: 'check that the databases are as they should be',
  builder: (yargs) =>
    yargs
      .options({
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of a table' },
        ...DATABASE_OPTION,
        ...CONFIG_OPTION,
      })
      .command(schemaCommand)
      .demandCommand(1, 'Name what to check: schema.')
      .example('$0 check schema', 'exit code 3 when a database differs from its entities'),
  handler: () => undefined,
}

function rowOf({ database, state, differences, error }: SchemaCheck): string[] {
  return [database, state, error ?? (state === 'not migrated' ? 'run "migrate" first' : differences.join('\n'))]
}

/** A difference that was found outweighs a database that could not be asked. */
function exitCodeOf(checks: readonly SchemaCheck[]): number {
  if (checks.some(({ state }) => state === 'differs' || state === 'not migrated')) return 3
  return checks.some(({ state }) => state === 'unreachable') ? 1 : 0
}
