import type { DataSourceOptions, MigrationInterface } from 'typeorm'
import { ShardyardError } from '../errors.js'
import { driverOf, engineOfType, engineOfUrl } from '../drivers/registry.js'
import type { EngineName } from '../drivers/driver.js'
import type { PlacedEntity } from './entity.js'
import type { EntitySamples } from './entity-samples.js'
import type { SimulationData } from './record-source.js'
import type { Router } from './router.js'

/** A database URL, or another setting, that the environment may override. */
export interface EnvironmentUrl {
  readonly variable: string
  readonly fallback: string
}

/** A URL (`sqlite:data/users.db`, `postgres://…`, `mysql://…`), one from the environment, or TypeORM's own options. */
export type DatabaseConfig = string | EnvironmentUrl | DataSourceOptions

/** One row of the placement table. */
export interface Placement<Name extends string> {
  readonly entity: PlacedEntity
  readonly database: Name
}

/** A migration that knows which entities it is for; it runs in the databases where those live. */
export interface PlacedMigration {
  new (): MigrationInterface
  readonly entities: readonly PlacedEntity[]
}

/** A report, as far as a definition knows it. */
export interface NamedReport {
  readonly kind: 'shardyard report'
  readonly name: string
}

/** A roll-up, as far as a definition knows it. */
export interface NamedRollup {
  readonly kind: 'shardyard roll-up'
  readonly name: string
}

/** What a server needs to know of an installation, as far as a definition knows it. */
export interface NamedServer {
  readonly kind: 'shardyard server'
}

/** What {@link defineCluster} takes. */
export interface ClusterOptions<Name extends string> {
  readonly databases: Readonly<Record<Name, DatabaseConfig>>
  readonly placement: readonly Placement<NoInfer<Name>>[]
  /** Asked before the placement table, in this order. @defaultValue none */
  readonly routers?: readonly Router[]
  /** Where runs are recorded. @defaultValue the database named `control`, if there is one */
  readonly control?: NoInfer<Name>
  /** Oldest first. @defaultValue none */
  readonly migrations?: readonly PlacedMigration[]
  /** Data that a simulation loads. @defaultValue none */
  readonly simulation?: SimulationData
  /** What makes records for data files, one for each entity. @defaultValue none */
  readonly samples?: readonly EntitySamples[]
  /** Made by `defineReport`. @defaultValue none */
  readonly reports?: readonly NamedReport[]
  /** Made by `defineRollup`. @defaultValue none */
  readonly rollups?: readonly NamedRollup[]
  /** Made by `defineServer`: what `shardyard serve` serves beside the API. @defaultValue the API alone */
  readonly server?: NamedServer
}

/** A frozen definition of a cluster; `Cluster.open` makes it live. A config file exports one as its default. */
export interface ClusterDefinition<Name extends string = string> {
  readonly kind: 'shardyard cluster'
  readonly databases: Readonly<Record<Name, DatabaseConfig>>
  readonly placement: readonly Placement<Name>[]
  readonly routers: readonly Router[]
  readonly control: Name | undefined
  readonly migrations: readonly PlacedMigration[]
  readonly simulation: SimulationData | undefined
  readonly samples: readonly EntitySamples[]
  readonly reports: readonly NamedReport[]
  readonly rollups: readonly NamedRollup[]
  readonly server: NamedServer | undefined
}

/** Places an entity in one database. */
export function place<const Name extends string>(entity: PlacedEntity, database: Name): Placement<Name> {
  return Object.freeze({ entity, database })
}

/** A database URL, or a setting that says so, from an environment variable, read when the cluster or the server opens; `fallback` when it is unset or empty. */
export function env(variable: string, fallback: string): EnvironmentUrl {
  return Object.freeze({ variable, fallback })
}

/** What a setting is that the environment may override. */
export function environmentValue(
  { variable, fallback }: EnvironmentUrl,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return environment[variable] || fallback
}

/**
 * Describes databases and what lives in them. Nothing is opened.
 *
 * @throws SY_DEFINITION_INVALID when a part is missing or no list; `Cluster.open` checks what the parts say
 * @example
 * export default defineCluster({
 *   databases: { users: 'sqlite:data/users.db', orders: env('ORDERS_URL', 'sqlite:data/orders.db') },
 *   placement: [place(User, 'users'), place(Order, 'orders')],
 * })
 */
export function defineCluster<const Name extends string>(options: ClusterOptions<Name>): ClusterDefinition<Name> {
  requireParts(options)
  const hasControl = Object.hasOwn(options.databases, 'control')
  return Object.freeze({
    kind: 'shardyard cluster',
    databases: Object.freeze({ ...options.databases }),
    placement: Object.freeze([...options.placement]),
    routers: Object.freeze([...(options.routers ?? [])]),
    control: options.control ?? (hasControl ? ('control' as Name) : undefined),
    migrations: Object.freeze([...(options.migrations ?? [])]),
    simulation: options.simulation,
    samples: Object.freeze([...(options.samples ?? [])]),
    reports: Object.freeze([...(options.reports ?? [])]),
    rollups: Object.freeze([...(options.rollups ?? [])]),
    server: options.server,
  })
}

/** Plain JavaScript may call it with anything. */
function requireParts(options: unknown): void {
  const {
    databases,
    placement,
    routers = [],
    migrations = [],
    reports = [],
  } = (options ?? {}) as Readonly<Record<string, unknown>>
  const mistakes = Object.entries({ placement, routers, migrations, reports })
    .filter(([, list]) => !Array.isArray(list))
    .map(([name]) => `\`${name}\` must be a list`)
  if (typeof databases !== 'object' || databases === null) {
    mistakes.unshift("`databases` must be an object, such as { users: 'sqlite:data/users.db' }")
  }
  if (mistakes.length === 0) return
  const message = `defineCluster() cannot use what it was given: ${mistakes.join('; ')}.`
  throw new ShardyardError('SY_DEFINITION_INVALID', message, { details: { mistakes } })
}

/** A database whose options are known and complete. */
export interface ResolvedDatabase {
  readonly name: string
  readonly engine: EngineName
  readonly options: DataSourceOptions
}

/** Turns a database's config into TypeORM options; throws with a sentence that names the database and the mend. */
export function resolveDatabase(
  name: string,
  config: DatabaseConfig,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedDatabase {
  if (typeof config === 'object' && 'type' in config) {
    const engine = engineOfType(config.type)
    if (engine === undefined) throw unknownEngine(name, `the type "${config.type}"`)
    return { name, engine, options: driverOf(engine).completeOptions(config) }
  }
  const variable = typeof config === 'object' ? config.variable : undefined
  const fromEnvironment = variable === undefined ? undefined : environment[variable] || undefined
  const url = typeof config === 'object' ? (fromEnvironment ?? config.fallback) : config
  const origin = fromEnvironment === undefined ? 'its URL' : `the environment variable ${variable ?? ''}`
  const engine = engineOfUrl(url)
  if (engine === undefined) throw unknownEngine(name, `${origin} ("${withoutSecrets(url)}")`)
  const driver = driverOf(engine)
  try {
    return { name, engine, options: driver.completeOptions(driver.optionsOf(url)) }
  } catch (cause) {
    // Not handed on as the cause: the error of a URL that cannot be parsed carries that URL.
    throw new ShardyardError(
      'SY_CONFIG_INVALID',
      `Database "${name}": ${origin} cannot be read ("${withoutSecrets(url)}"): ${(cause as Error).message}.`,
      { details: { database: name } },
    )
  }
}

/** The URL with its password and query hidden; also what is no URL, where all before an @ may be a secret. */
export function withoutSecrets(url: string): string {
  const scheme = /^[a-z0-9+.-]*:(\/\/)?/i.exec(url)?.[0] ?? ''
  const [userinfo = '', address, ...more] = url.slice(scheme.length).split('@')
  if (more.length > 0) return `${scheme}***`
  if (address === undefined) return url.replace(/\?.*$/s, '?***')
  const isSure = scheme.endsWith('//') && !userinfo.includes('?')
  const user = userinfo.replace(/:.*$/s, ':***')
  return `${scheme}${isSure ? user : '***'}@${address.replace(/\?.*$/s, '?***')}`
}

function unknownEngine(name: string, origin: string): ShardyardError {
  return new ShardyardError(
    'SY_CONFIG_INVALID',
    `Database "${name}": ${origin} names no engine that is known here. ` +
      'Use sqlite:FILE, postgres://USER:PASSWORD@HOST:PORT/DATABASE or mysql://USER:PASSWORD@HOST:PORT/DATABASE.',
    { details: { database: name } },
  )
}
