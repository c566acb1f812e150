import type { CommandModule } from 'yargs'
import { migrate } from '../src/pipeline/maintenance/migrate.js'
import { controlOf } from '../src/pipeline/runs/run-store.js'
import { createServer } from '../src/server/create-server.js'
import { checkNumber } from './shared/check-number.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly port: number
  readonly host: string
  readonly concurrency: number
}

export const command: CommandModule<object, Argv> = {
  command: 'serve',
  describe: 'serve the dashboard and the REST API until Ctrl-C',
  builder: (yargs) =>
    yargs
      .options({
        port: { type: 'number', default: 3000, describe: 'port to listen on; 0 takes any', requiresArg: true },
        host: { type: 'string', default: '127.0.0.1', describe: 'address to listen on', requiresArg: true },
        concurrency: {
          type: 'number',
          default: 2,
          describe: 'jobs side by side in this process; 0 leaves them to "work"',
          requiresArg: true,
        },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        checkNumber('port', argv.port, { min: 0, max: 65_535 })
        checkNumber('concurrency', argv.concurrency, { min: 0, max: 64 })
        return true
      })
      .example('$0 serve', 'the dashboard at http://127.0.0.1:3000, jobs in the same process')
      .example('SHARDYARD_QUEUE_URL=redis://10.0.0.5:6379 $0 serve', 'one of several that share the jobs') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const queueUrl = process.env['SHARDYARD_QUEUE_URL'] ?? ''
      const onStep = ({ database, migration }: { database: string; migration: string }) =>
        context.err(`Migrated "${database}": ${migration}`)
      await migrate(cluster, { databases: [controlOf(cluster)], onStep })
      const folder = process.env['SHARDYARD_FILES']
      const server = await createServer(cluster, {
        config: context.config,
        queueUrl,
        concurrency: argv.concurrency,
        ...(folder === undefined || folder === '' ? {} : { folder }),
      })
      try {
        const address = await server.listen(argv)
        context.out(`Serving at ${address}. Ctrl-C ends it.`)
        await new Promise<void>((resolve) => {
          process.once('SIGINT', () => resolve())
          process.once('SIGTERM', () => resolve())
        })
        context.err('Stopping: work under way may end.')
      } finally {
        await server.close()
      }
      return 0
    }),
}
