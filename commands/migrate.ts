import type { CommandModule } from 'yargs'
import { generateMigration } from '../src/pipeline/maintenance/generate-migration.js'
import { migrate } from '../src/pipeline/maintenance/migrate.js'
import type { MigrationStep } from '../src/pipeline/maintenance/migration-plan.js'
import { migrationStatus, type MigrationStatus } from '../src/pipeline/maintenance/migration-status.js'
import type { MigrationLanguage } from '../src/pipeline/maintenance/migration-text.js'
import { revertMigration } from '../src/pipeline/maintenance/revert-migration.js'
import { table } from '../src/util/text-table.js'
import { DATABASE_OPTION, databasesOf } from './shared/database-option.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly database?: readonly string[]
  readonly json: boolean
}
interface MigrateArgv extends Argv {
  readonly 'dry-run': boolean
}
interface GenerateArgv extends Argv {
  readonly name: string
  readonly folder: string
  readonly language: MigrationLanguage
  readonly 'entities-from': string
}

const statusCommand: CommandModule<object, Argv> = {
  command: 'status',
  describe: 'list which migration is applied to which database',
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const rows = await migrationStatus(cluster, databasesOf(argv))
      if (argv.json) context.json(rows)
      else context.out(table(['Database', 'Migration', 'State', 'Applied (UTC)'], rows.map(statusRow)))
      return rows.some(({ state }) => state === 'unreachable') ? 1 : 0
    }),
}

const revertCommand: CommandModule<object, Argv> = {
  command: 'revert',
  describe: 'take the last migration back, wherever it is applied',
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const say = (line: string) => (argv.json ? context.err(line) : context.out(line))
      const onStep = ({ database, migration }: MigrationStep) => say(`Reverted "${database}": ${migration}`)
      const steps = await revertMigration(cluster, { ...databasesOf(argv), onStep })
      if (argv.json) context.json({ steps })
      else if (steps.length === 0) context.out('There is no migration to revert.')
      return 0
    }),
}

const generateCommand: CommandModule<object, GenerateArgv> = {
  command: 'generate <name>',
  describe: 'write a migration for each database that differs from its entities',
  builder: (yargs) =>
    yargs
      .positional('name', { type: 'string', describe: 'what it does, such as add-user-age', demandOption: true })
      .options({
        folder: { type: 'string', describe: 'where the files go', demandOption: true, requiresArg: true },
        language: { choices: ['ts', 'mjs', 'cjs'], default: 'ts', describe: 'TypeScript, ES module or CommonJS' },
        'entities-from': {
          type: 'string',
          default: '../index.js',
          describe: 'the module that exports the entities, as seen from the folder',
          requiresArg: true,
        },
      }) as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const { folder, language, 'entities-from': entitiesFrom } = argv
      const files = await generateMigration(cluster, argv.name, {
        ...databasesOf(argv),
        folder,
        language,
        entitiesFrom,
      })
      if (argv.json) {
        context.json({ files })
        return 0
      }
      for (const { database, file, differences } of files) {
        context.out(`${file} is for "${database}":`)
        for (const difference of differences) context.out(`  - ${difference}`)
      }
      const names = files.map(({ migration }) => migration).join(', ')
      context.out(
        files.length === 0
          ? 'No database differs from its entities; nothing was written.'
          : `Read ${files.length === 1 ? 'it' : 'them'}, then add ${names} to the migrations of the cluster definition.`,
      )
      return 0
    }),
}

export const command: CommandModule<object, MigrateArgv> = {
  command: 'migrate',
  describe: 'bring the schema of every database up to date',
  builder: (yargs) =>
    yargs
      .options({
        'dry-run': { type: 'boolean', default: false, describe: 'only say what is to be done', global: false },
        json: { type: 'boolean', default: false, describe: 'print one JSON value' },
        ...DATABASE_OPTION,
        ...CONFIG_OPTION,
      })
      .command(statusCommand)
      .command(revertCommand)
      .command(generateCommand)
      .example('$0 migrate --dry-run', 'what is to be done, in every database')
      .example('$0 migrate status', 'which migration is applied to which database')
      .example('$0 migrate generate add-user-age --folder entities/migrations', 'a migration from what differs'),
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const isDryRun = argv['dry-run']
      const say = (line: string) => (argv.json ? context.err(line) : context.out(line))
      const onStep = ({ database, migration }: MigrationStep) => say(`Migrated "${database}": ${migration}`)
      const steps = await migrate(cluster, { ...databasesOf(argv), isDryRun, onStep })
      if (argv.json) context.json({ isDryRun, steps })
      else if (steps.length === 0) context.out('Every database is up to date.')
      else if (isDryRun) context.out(table(['Database', 'To be applied'], steps.map(stepRow)))
      return 0
    }),
}

function stepRow({ database, migration }: MigrationStep): string[] {
  return [database, migration]
}

function statusRow({ database, migration, state, appliedAt, error }: MigrationStatus): string[] {
  const at = appliedAt?.toISOString().slice(0, 19).replace('T', ' ') ?? ''
  return [database, migration ?? '', error === undefined ? state : `${state}: ${error}`, at]
}
