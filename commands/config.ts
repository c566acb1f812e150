import type { CommandModule } from 'yargs'
import { nameOf } from '../src/cluster/entity.js'
import { table } from '../src/util/text-table.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly json: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'config',
  describe: 'print the configuration in force, secrets hidden, and how each database is doing',
  builder: (yargs) =>
    yargs
      .options({
        json: { type: 'boolean', default: false, describe: 'print one JSON value instead of a table' },
        ...CONFIG_OPTION,
      })
      .example('$0 config', 'databases, their addresses, what lives in them, and whether they answer') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const health = await cluster.health()
      const databases = health.map((database) => ({
        ...database,
        entities: context.definition.placement
          .filter(({ entity }) => cluster.router.allowMigrate(database.name, entity))
          .map(({ entity }) => nameOf(entity)),
        isControl: context.definition.control === database.name,
      }))
      if (argv.json) {
        context.json({ config: context.config, databases })
        return 0
      }
      context.out(`config ${context.config}`)
      context.out('')
      const rows = databases.map(({ name, address, entities, isControl, state, error, warnings }) => [
        name,
        address,
        [...entities, ...(isControl ? ['(control)'] : [])].join(', '),
        [error === undefined ? state : `${state}: ${error}`, ...warnings].join('\n'),
      ])
      context.out(table(['Database', 'Address', 'Entities', 'State'], rows))
      return 0
    }),
}
