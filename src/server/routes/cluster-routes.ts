import type { FastifyInstance } from 'fastify'
import type { Cluster } from '../../cluster/cluster.js'
import type { DatabaseHealth } from '../../cluster/database.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { entityFields } from '../../cluster/read/entity-fields.js'
import { readTable } from '../../cluster/read/read-table.js'
import { entityOf } from '../../pipeline/ingest/chunk-work.js'
import { FORMATS } from '../../pipeline/reports/writers/formats.js'
import { whereFrom } from '../entity-json.js'
import { COUNT, ERRORS, MAYBE_NUMBER, MAYBE_TEXT } from '../schemas.js'
import type { ServerContext } from '../server-context.js'
import { REJECT_FORMATS } from './reject-routes.js'

const { version } = require('../../../../package.json') as { version: string }

const TEXT = { type: 'string' } as const
const TEXTS = { type: 'array', items: TEXT } as const

const FIELD = {
  type: 'object',
  required: ['name', 'type', 'isKey', 'isGenerated', 'isNullable', 'references'],
  properties: {
    name: TEXT,
    type: { enum: ['string', 'integer', 'number', 'decimal', 'boolean', 'date-time', 'json'] },
    isKey: { type: 'boolean' },
    isGenerated: { type: 'boolean' },
    isNullable: { type: 'boolean' },
    references: MAYBE_TEXT,
  },
} as const

/** An object whose members are all required. */
function objectOf<const Properties extends Readonly<Record<string, object>>>(properties: Properties) {
  return { type: 'object', required: Object.keys(properties), properties } as const
}

const CLUSTER = objectOf({
  version: TEXT,
  control: MAYBE_TEXT,
  databases: { type: 'array', items: objectOf({ name: TEXT, engine: TEXT, address: TEXT, entities: TEXTS }) },
  placement: { type: 'array', items: objectOf({ entity: TEXT, database: TEXT }) },
  entities: {
    type: 'array',
    items: objectOf({ name: TEXT, database: TEXT, table: TEXT, fields: { type: 'array', items: FIELD } }),
  },
  queue: objectOf({ address: TEXT }),
  events: MAYBE_TEXT,
  roots: TEXTS,
  mayFail: { type: 'boolean' },
  simulation: { type: 'boolean' },
  formats: objectOf({ rejects: TEXTS, reports: TEXTS }),
})

/** Health of all databases, as `GET /cluster/health` and the live stream tell it. */
export const HEALTH = objectOf({
  items: {
    type: 'array',
    items: objectOf({
      database: TEXT,
      state: { enum: ['up', 'down', 'absent'] },
      address: TEXT,
      latencyMs: MAYBE_NUMBER,
      sizeBytes: { ...COUNT, type: ['integer', 'null'] },
      error: MAYBE_TEXT,
      warnings: TEXTS,
    }),
  },
})

const EXPLANATION = objectOf({
  entity: TEXT,
  databases: TEXTS,
  why: TEXT,
  sql: { type: 'object', additionalProperties: TEXT },
  parameters: { type: 'array', items: {} },
})

const QUESTION = {
  type: 'object',
  required: ['entity'],
  additionalProperties: false,
  properties: {
    entity: { type: 'string', maxLength: 200 },
    where: { type: 'object', description: 'values of fields', default: {} },
  },
} as const

/** `/cluster`: databases, what lives in them, how they are, and where calls go. */
export async function clusterRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  const { cluster } = context
  app.get('/cluster', {
    config: { scope: 'read' },
    schema: {
      tags: ['cluster'],
      summary: 'Databases, placement and entities',
      response: { 200: CLUSTER, ...ERRORS },
    },
    handler: async () => clusterJson(context),
  })
  app.get('/cluster/health', {
    config: { scope: 'read' },
    schema: { tags: ['cluster'], summary: 'How the databases are', response: { 200: HEALTH, ...ERRORS } },
    handler: async () => healthJson(await cluster.health()),
  })
  app.post<{ Body: { entity: string; where: Record<string, unknown> } }>('/cluster/explain', {
    config: { scope: 'read' },
    schema: {
      tags: ['cluster'],
      summary: 'Where a read of an entity goes, and why; runs nothing',
      body: QUESTION,
      response: { 200: EXPLANATION, ...ERRORS },
    },
    handler: async ({ body }) => {
      const entity = entityOf(cluster, body.entity)
      return cluster.explain(entity, whereFrom(readTable(cluster, entity), body.where))
    },
  })
}

/** Health as the API tells it. */
export function healthJson(all: readonly DatabaseHealth[]) {
  return {
    items: all.map(({ name, state, address, latencyMs, sizeBytes, error, warnings }) => ({
      database: name,
      state,
      address,
      warnings,
      latencyMs: latencyMs ?? null,
      sizeBytes: sizeBytes ?? null,
      error: error ?? null,
    })),
  }
}

function clusterJson({ cluster, queue, settings, roots, options }: ServerContext) {
  const { control, placement, simulation } = cluster.definition
  const placed = placement.map(({ entity }) => ({ entity, name: nameOf(entity), database: homeOf(cluster, entity) }))
  return {
    version,
    control: control ?? null,
    databases: cluster.databases.map((name) => ({
      name,
      engine: cluster.member(name).driver.engine,
      address: cluster.member(name).address,
      entities: placed.filter(({ database }) => database === name).map((one) => one.name),
    })),
    placement: placed.map(({ name, database }) => ({ entity: name, database })),
    entities: placed.map(({ entity, name, database }) => entityJson(cluster, { entity, name, database })),
    queue: { address: queue.address },
    events: settings.events === undefined ? null : nameOf(settings.events.into),
    roots: Object.keys(roots),
    mayFail: options.mayFail,
    simulation: simulation !== undefined,
    formats: { rejects: REJECT_FORMATS, reports: Object.keys(FORMATS) },
  }
}

function entityJson(
  cluster: Cluster,
  { entity, name, database }: { readonly entity: PlacedEntity; readonly name: string; readonly database: string },
) {
  const table = readTable(cluster, entity)
  const fields = entityFields(table).map((field) => ({ ...field, references: field.references ?? null }))
  return { name, database, table: table.metadata.tableName, fields }
}

function homeOf(cluster: Cluster, entity: PlacedEntity): string {
  return cluster.router.routeForRead(entity).database
}
