/** What `serve` is told: by its flags, else by variables of the environment, which `.env` may hold. */
import type { ServerOptions } from '../../src/server/server-options.js'
import { ShardyardError } from '../../src/errors.js'
import { logLinesTo } from './log-lines.js'

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const

/** The flags of `serve`; what is not given is undefined. */
export interface ServeFlags {
  readonly port?: number
  readonly host?: string
  readonly concurrency: number
  readonly keys?: 'always' | 'when-made'
  readonly 'allow-host'?: readonly string[]
  readonly faults: boolean
  readonly 'log-level'?: (typeof LOG_LEVELS)[number]
  readonly log: boolean
}

export interface ServeSettings {
  readonly port: number
  readonly host: string
  readonly options: ServerOptions
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws SY_CONFIG_INVALID when a variable has no fit value, SY_OPTION_INVALID for faults in production */
export function serveSettings(flags: ServeFlags, environment: Environment): ServeSettings {
  if (flags.faults && environment['NODE_ENV'] === 'production')
    throw new ShardyardError('SY_OPTION_INVALID', '--faults is refused when NODE_ENV is production.')
  const host = flags.host ?? textOf(environment, 'SHARDYARD_HOST') ?? '127.0.0.1'
  const names = flags['allow-host'] ?? textOf(environment, 'SHARDYARD_ALLOW_HOSTS')?.split(',') ?? []
  const folder = textOf(environment, 'SHARDYARD_FILES')
  const keys = flags.keys ?? oneOf(environment, 'SHARDYARD_KEYS', ['always', 'when-made'])
  const level = flags['log-level'] ?? oneOf(environment, 'SHARDYARD_LOG_LEVEL', LOG_LEVELS) ?? 'info'
  return {
    port: flags.port ?? portOf(environment),
    host,
    options: {
      queueUrl: environment['SHARDYARD_QUEUE_URL'] ?? '',
      concurrency: flags.concurrency,
      hosts: [...names.map((name) => name.trim()).filter((name) => name !== ''), host],
      mayFail: flags.faults,
      logger: flags.log ? { level, stream: logLinesTo(process.stderr) } : false,
      ...(folder === undefined ? {} : { folder }),
      ...(keys === undefined ? {} : { keys }),
    },
  }
}

function portOf(environment: Environment): number {
  const text = textOf(environment, 'SHARDYARD_PORT') ?? '3000'
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw unfit('SHARDYARD_PORT', 'a number from 0 to 65535', text)
}

function textOf(environment: Environment, name: string): string | undefined {
  return environment[name] === '' ? undefined : environment[name]
}

function oneOf<const T extends string>(environment: Environment, name: string, choices: readonly T[]): T | undefined {
  const text = textOf(environment, name)
  const found = choices.find((choice) => choice === text)
  if (text === undefined || found !== undefined) return found
  throw unfit(name, choices.join(' or '), text)
}

function unfit(name: string, wanted: string, text: string): ShardyardError {
  return new ShardyardError('SY_CONFIG_INVALID', `${name} takes ${wanted}, not "${text}".`, {
    details: { variable: name },
  })
}
