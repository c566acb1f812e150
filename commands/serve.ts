import type { CommandModule } from 'yargs'
import { createServer, requireKeyAt } from '../src/server/create-server.js'
import { checkNumber } from './shared/check-number.js'
import { migrateControl } from './shared/migrate-control.js'
import { LOG_LEVELS, serveSettings, type ServeFlags } from './shared/serve-settings.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv extends ServeFlags {
  readonly config?: string
}

export const command: CommandModule<object, Argv> = {
  command: 'serve',
  describe: 'serve the dashboard and the REST API until Ctrl-C',
  builder: (yargs) =>
    yargs
      .options({
        port: { type: 'number', describe: 'port to listen on; 0 takes any  [default: 3000]', requiresArg: true },
        host: {
          type: 'string',
          describe: 'address to listen on; another than this machine needs a key  [default: 127.0.0.1]',
          requiresArg: true,
        },
        concurrency: {
          type: 'number',
          default: 2,
          describe: 'jobs side by side in this process; 0 leaves them to "work"',
          requiresArg: true,
        },
        keys: {
          choices: ['when-made', 'always'],
          describe: 'whether a key is asked for: as soon as one was made, or always  [default: when-made]',
          requiresArg: true,
        },
        'allow-host': {
          type: 'string',
          array: true,
          describe: 'name that the server is called by, beside localhost and addresses; may be given several times',
          requiresArg: true,
        },
        faults: { type: 'boolean', default: false, describe: 'allow the failure switch; refused in production' },
        'log-level': { choices: LOG_LEVELS, describe: 'what is logged at least  [default: info]', requiresArg: true },
        log: { type: 'boolean', default: true, describe: 'log lines on standard error; --no-log writes none' },
        ...CONFIG_OPTION,
      })
      .check((argv) => {
        if (argv.port !== undefined) checkNumber('port', argv.port, { min: 0, max: 65_535 })
        checkNumber('concurrency', argv.concurrency, { min: 0, max: 64 })
        return true
      })
      .example('$0 serve', 'the dashboard at http://127.0.0.1:3000, jobs in the same process')
      .example('$0 serve --host 0.0.0.0 --allow-host yard.example.com', 'for others, once "keys create" made a key')
      .example('SHARDYARD_QUEUE_URL=redis://10.0.0.5:6379 $0 serve', 'one of several that share the jobs')
      .epilogue(
        'SHARDYARD_HOST, SHARDYARD_PORT, SHARDYARD_KEYS, SHARDYARD_ALLOW_HOSTS (with commas) and SHARDYARD_LOG_LEVEL say\n' +
          'the same as the flags; SHARDYARD_QUEUE_URL and SHARDYARD_FILES are those of "work". The log is JSON, a line\n' +
          'each. Ctrl-C or SIGTERM lets requests and jobs under way end for a few seconds, and hands jobs back that are\n' +
          'not done; a second one ends the process at once. Exit codes: 0 stopped; 2 it cannot listen there.',
      ) as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const { port, host, options } = serveSettings(argv, process.env)
      await migrateControl(cluster, context)
      await requireKeyAt(host, cluster, options)
      const server = await createServer(cluster, { ...options, config: context.config })
      try {
        const address = await server.listen({ port, host })
        context.out(`Serving at ${address}. Ctrl-C ends it.`)
        await stopSignal()
        context.err('Stopping: requests and jobs under way may end. The same again ends at once.')
      } finally {
        await server.close()
      }
      return 0
    }),
}

/** The first Ctrl-C or SIGTERM; the next one does what it does to any process. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = () => {
      process.removeListener('SIGINT', onSignal)
      process.removeListener('SIGTERM', onSignal)
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
