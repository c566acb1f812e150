import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Cluster } from '../../src/cluster/cluster.js'
import type { ClusterDefinition } from '../../src/cluster/definition.js'
import { loadDefinition } from '../../src/cluster/load-definition.js'
import { ShardyardError } from '../../src/errors.js'
import { processIo, type CommandIo } from './io.js'

/** The config file that is used without `--config`. */
export const SHIPPED_CONFIG = join(__dirname, '..', '..', 'config', 'index.js')

const CLOSE_LIMIT_MS = 1_000

/** What a command works with. */
export interface CommandContext extends CommandIo {
  readonly definition: ClusterDefinition
  /** The file that the definition comes from, for threads that import it too. */
  readonly config: string
}

/** Opens the cluster of `--config` or the shipped one, runs the command, closes; the answer is the exit code. */
export async function withCluster(
  argv: { readonly config?: string | undefined },
  work: (cluster: Cluster, context: CommandContext) => Promise<number>,
): Promise<void> {
  const { definition, config } = await loadConfig(argv)
  const cluster = await Cluster.open(definition)
  try {
    process.exitCode = await work(cluster, { ...processIo(), definition, config })
  } finally {
    // What is still at work waits for a database that does not answer.
    await cluster.close(CLOSE_LIMIT_MS)
  }
}

/** The definition of `--config` or the shipped one, of which nothing is opened. */
export async function loadConfig(argv: {
  readonly config?: string | undefined
}): Promise<Pick<CommandContext, 'definition' | 'config'>> {
  loadEnvironment()
  const config = argv.config ?? SHIPPED_CONFIG
  return { definition: await loadDefinition(config), config }
}

function loadEnvironment(): void {
  if (!existsSync('.env')) return
  try {
    process.loadEnvFile('.env')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ShardyardError('SY_CONFIG_INVALID', `The file ".env" cannot be read: ${why}. Mend or remove it.`, {
      cause,
    })
  }
}

/** The option that every command has. */
export const CONFIG_OPTION = {
  config: {
    type: 'string',
    describe: 'config file (.js, .mjs, .cjs) whose default export is a cluster definition',
    requiresArg: true,
  },
} as const
