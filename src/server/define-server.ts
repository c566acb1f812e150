/** What an installation adds to the server: the entity of its events, routes of its own, folders, topics, a time-table. */
import type { FastifyInstance } from 'fastify'
import type { Cluster } from '../cluster/cluster.js'
import type { EnvironmentUrl } from '../cluster/definition.js'
import type { PlacedEntity } from '../cluster/entity.js'
import type { RecordIntakeOptions } from '../pipeline/ingest/record-intake.js'
import type { KafkaStreamOptions } from '../pipeline/streams/kafka-options.js'
import type { GivenRoots } from '../pipeline/uploads/roots.js'
import type { ServerContext } from './server-context.js'

/** Routes of an installation; each of them says in its `config` which scope it asks for. */
export type RoutePlugin = (app: FastifyInstance, context: ServerContext) => Promise<void>

/** What `POST /api/v1/events` takes. */
export interface EventSettings extends Pick<RecordIntakeOptions, 'map' | 'zone' | 'dedupe'> {
  readonly into: PlacedEntity
  /** The properties that the totals are told by: rows counted and added up for each value of `by`. */
  readonly totals?: { readonly by: string; readonly sum: string }
}

/** A Kafka topic that is read while the server runs. */
export interface ConsumerSettings extends Pick<RecordIntakeOptions, 'map' | 'zone' | 'dedupe'> {
  /** Its name in the metrics and in `GET /api/v1/consumers`. */
  readonly name: string
  readonly into: PlacedEntity
  /** With `brokers: env('…', '')` the consumer is off unless the variable holds addresses, separated by commas. */
  readonly stream: Omit<KafkaStreamOptions, 'brokers'> & { readonly brokers: readonly string[] | EnvironmentUrl }
}

/** Work that is begun by the clock. */
export interface ScheduleSettings {
  readonly name: string
  /** Five fields as cron has them: `0 3 * * *` is three o'clock each day. */
  readonly cron: string
  /** IANA name of the zone that the clock is read in. */
  readonly timeZone: string | EnvironmentUrl
  readonly work:
    | { readonly kind: 'rollup'; readonly name?: string }
    | { readonly kind: 'report'; readonly report: string; readonly format: string; readonly options?: object }
    | { readonly kind: 'retention' }
}

/** Members that an installation adds to `GET /api/v1/summary`. */
export interface SummarySettings {
  /** The JSON schema of each member. */
  readonly properties: Readonly<Record<string, object>>
  readonly read: (cluster: Cluster) => Promise<Readonly<Record<string, unknown>>>
}

/** What {@link defineServer} takes. */
export interface ServerSettings {
  /** @defaultValue none: there are no event routes */
  readonly events?: EventSettings
  /** Loaded when a server starts, so that a config costs nothing where none does. @defaultValue none */
  readonly routes?: readonly (() => Promise<RoutePlugin>)[]
  /** @defaultValue none */
  readonly summary?: SummarySettings
  /** Folders, by name, whose files may be ingested without being uploaded. @defaultValue none */
  readonly roots?: GivenRoots
  /** @defaultValue none */
  readonly consumers?: readonly ConsumerSettings[]
  /** @defaultValue none */
  readonly schedules?: readonly ScheduleSettings[]
}

/** What a definition's server is. */
export interface ServerDefinition extends Required<Omit<ServerSettings, 'events' | 'summary'>> {
  readonly kind: 'shardyard server'
  readonly events: EventSettings | undefined
  readonly summary: SummarySettings | undefined
}

/**
 * Says what `shardyard serve` serves beside the API of every installation.
 *
 * @example
 * defineCluster({ databases, placement, server: defineServer({ events: { into: Event }, roots: { inbox: '/srv/inbox' } }) })
 */
export function defineServer(settings: ServerSettings): ServerDefinition {
  return Object.freeze({
    kind: 'shardyard server',
    events: settings.events,
    summary: settings.summary,
    routes: Object.freeze([...(settings.routes ?? [])]),
    roots: Object.freeze({ ...settings.roots }),
    consumers: Object.freeze([...(settings.consumers ?? [])]),
    schedules: Object.freeze([...(settings.schedules ?? [])]),
  })
}
