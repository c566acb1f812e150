import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type PlacedEntity } from '../../cluster/entity.js'
import { entityFields, readText } from '../../cluster/read/entity-fields.js'
import { readTable, type ReadTable } from '../../cluster/read/read-table.js'
import { rowByKey } from '../../cluster/read/row-by-key.js'
import { rowPages } from '../../cluster/read/row-pages.js'
import { changeRow, createRow, deleteRow } from '../../cluster/stored-rows.js'
import type { Row } from '../../drivers/driver.js'
import { entityOf } from '../../pipeline/ingest/chunk-work.js'
import { conditionsFrom, etagOf, names, newRowFrom, rowFrom, rowJson } from '../entity-json.js'
import { pageJson } from '../page.js'
import { HttpProblem } from '../problem.js'
import { ERRORS, PAGE_QUERY, pageOf } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const ROW = {
  type: 'object',
  description: 'Fields as GET /cluster tells them; decimals and whole numbers of 64 bits are text.',
  additionalProperties: true,
} as const
const ENTITY = { entity: { type: 'string', maxLength: 200 } } as const
const PARAMS = { type: 'object', properties: ENTITY } as const
const ROW_PARAMS = {
  type: 'object',
  properties: {
    ...ENTITY,
    id: { type: 'string', maxLength: 2_000, description: 'a key of several columns has commas between their values' },
  },
} as const
const QUERY = {
  type: 'object',
  description: 'Any field, as field=value, or field[gte], [lte], [gt], [lt], [prefix].',
  properties: { limit: PAGE_QUERY.limit, after: { ...PAGE_QUERY.after, maxLength: 8_000 } },
  additionalProperties: true,
} as const
const IF_MATCH = { type: 'object', properties: { 'if-match': { type: 'string' } } } as const
const IF_NONE_MATCH = { type: 'object', properties: { 'if-none-match': { type: 'string' } } } as const
const NOTHING = { type: 'null', description: 'nothing' } as const

interface OfEntity {
  Params: { entity: string }
}
interface OfRow {
  Params: { entity: string; id: string }
}

/** `/entities`: rows of any placed entity, in the database that the router names. */
export async function entityRoutes(app: FastifyInstance, { cluster, cursors }: ServerContext): Promise<void> {
  app.get<OfEntity & { Querystring: Record<string, unknown> & { limit: number; after?: string } }>(
    '/entities/:entity',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['entities'],
        summary: 'Rows of an entity in the order of its key',
        params: PARAMS,
        querystring: QUERY,
        response: { 200: pageOf(ROW), ...ERRORS },
      },
      handler: async (request, reply) => {
        const { query } = request
        const { entity, table } = placed(request)
        const where = conditionsFrom(table, query)
        const list = listName(table, query)
        const keys = keyColumns(table)
        const place = query.after === undefined ? undefined : await cursors.read(list, query.after)
        const options = {
          columns: entityFields(table).map(({ name }) => name) as never[],
          where: where as never[],
          pageRows: query.limit + 1,
          ...(place === undefined ? {} : { after: keys.map((name, at) => keyValue(table, name, String(place[at]))) }),
        }
        const { value } = await rowPages(cluster, entity, options).next()
        const rows = (value ?? []) as Row[]
        const items = rows.slice(0, query.limit).map(rowJson)
        const last = rows.length > query.limit ? items.at(-1) : undefined
        const next =
          last === undefined
            ? undefined
            : await cursors.write(
                list,
                keys.map((name) => String(last[name])),
              )
        return pageJson(request, reply, items, next)
      },
    },
  )
  app.get<OfRow>('/entities/:entity/:id', {
    config: { scope: 'read' },
    schema: {
      tags: ['entities'],
      summary: 'A row',
      params: ROW_PARAMS,
      headers: IF_NONE_MATCH,
      response: { 200: ROW, 304: NOTHING, ...ERRORS },
    },
    handler: async (request, reply) => {
      const { table } = placed(request)
      const key = keyOf(request, table)
      const row = key === undefined ? undefined : await rowByKey(table, key)
      if (row === undefined) throw noRow(table)
      const json = rowJson(row)
      const etag = etagOf(json)
      reply.header('etag', etag)
      if (names(request.headers['if-none-match'], etag, { isWeak: true })) return reply.status(304).send()
      return json
    },
  })
  app.post<OfEntity & { Body: Record<string, unknown> }>('/entities/:entity', {
    config: { scope: 'admin' },
    schema: {
      tags: ['entities'],
      summary: 'Stores a new row',
      params: PARAMS,
      body: ROW,
      response: { 201: ROW, ...ERRORS },
    },
    handler: async (request, reply) => {
      const { entity, table } = placed(request)
      const row = rowJson(await createRow(cluster, entity, newRowFrom(table, request.body)))
      const key = keyColumns(table).map((name) => encodeURIComponent(String(row[name])))
      return reply
        .status(201)
        .header('location', `/api/v1/entities/${encodeURIComponent(table.entity)}/${key.join(',')}`)
        .header('etag', etagOf(row))
        .send(row)
    },
  })
  app.patch<OfRow & { Body: Record<string, unknown> }>('/entities/:entity/:id', {
    config: { scope: 'admin' },
    schema: {
      tags: ['entities'],
      summary: 'Changes some fields of a row',
      params: ROW_PARAMS,
      headers: IF_MATCH,
      body: ROW,
      response: { 200: ROW, ...ERRORS },
    },
    handler: async (request, reply) => {
      const { entity, table } = placed(request)
      const values = rowFrom(table, request.body)
      const key = keyOf(request, table)
      requireSameKey(key, values)
      const check = checkOf(request)
      const row = key === undefined ? undefined : await changeRow(cluster, entity, { key, values, check })
      if (row === undefined) throw noRow(table)
      const json = rowJson(row)
      reply.header('etag', etagOf(json))
      return json
    },
  })
  app.delete<OfRow>('/entities/:entity/:id', {
    config: { scope: 'admin' },
    schema: {
      tags: ['entities'],
      summary: 'Deletes a row; rows that name it stay',
      params: ROW_PARAMS,
      headers: IF_MATCH,
      response: { 204: NOTHING, ...ERRORS },
    },
    handler: async (request, reply) => {
      const { entity, table } = placed(request)
      const key = keyOf(request, table)
      if (key === undefined || !(await deleteRow(cluster, entity, { key, check: checkOf(request) }))) throw noRow(table)
      return reply.status(204).send()
    },
  })

  function placed({ params }: { readonly params: { readonly entity: string } }): {
    entity: PlacedEntity
    table: ReadTable
  } {
    const entity = entityOf(cluster, params.entity)
    return { entity, table: readTable(cluster, entity) }
  }
}

function keyColumns({ metadata }: ReadTable): readonly string[] {
  return metadata.primaryColumns.map(({ propertyPath }) => propertyPath)
}

function keyValue(table: ReadTable, name: string, text: string): unknown {
  const reading = readText(table.column(name), text)
  return 'value' in reading ? reading.value : undefined
}

/**
 * The key in a path; undefined when no row can have it. Read from the path as it was sent, where a comma in a value and
 * one between two values are not the same.
 */
function keyOf(request: FastifyRequest, table: ReadTable): Record<string, unknown> | undefined {
  const at = request.routeOptions.url?.split('/').indexOf(':id') ?? -1
  const sent = request.url.split('?')[0]?.split('/')[at] ?? ''
  const columns = keyColumns(table)
  const texts = columns.length === 1 ? [sent] : sent.split(',')
  if (texts.length !== columns.length) return undefined
  const values = columns.map(
    (name, index) => [name, keyValue(table, name, decodeURIComponent(texts[index] ?? ''))] as const,
  )
  return values.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(values)
}

/** Lists that differ in more than their page have different cursors. */
function listName(table: ReadTable, query: Readonly<Record<string, unknown>>): string {
  const { limit: _limit, after: _after, ...filters } = query
  return `entities ${table.entity} ${JSON.stringify(Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`
}

function checkOf({ headers }: FastifyRequest): (row: Row) => void {
  const wanted = headers['if-match']
  return (row) => {
    if (wanted === undefined || names(wanted, etagOf(rowJson(row)))) return
    throw new HttpProblem('PRECONDITION_FAILED', 'The row is another one than If-Match names. Read it again.')
  }
}

function requireSameKey(key: Readonly<Record<string, unknown>> | undefined, values: Record<string, unknown>): void {
  const changed = Object.keys(key ?? {}).filter(
    (name) => Object.hasOwn(values, name) && String(values[name]) !== String(key?.[name]),
  )
  if (changed.length === 0) return
  const detail = 'The key of a row cannot be changed. Store a new row and delete this one.'
  const errors = changed.map((name) => ({ pointer: `#/${name}`, code: 'KEY_CHANGED', detail }))
  throw new HttpProblem('INVALID', detail, { errors })
}

function noRow(table: ReadTable): HttpProblem {
  return new HttpProblem('NOT_FOUND', `${table.entity} has no row of that key.`)
}
