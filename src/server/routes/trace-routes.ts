import type { FastifyInstance } from 'fastify'
import { traceInRun, traceJson, traceRow } from '../../pipeline/ingest/trace.js'
import { findRun } from '../../pipeline/runs/find-run.js'
import { COUNT, ERRORS, MAYBE_TEXT, TIME } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const TEXT = { type: 'string' } as const

const TRACES = {
  type: 'array',
  items: {
    type: 'object',
    required: ['run', 'startedAt', 'entity', 'fileTitle', 'line', 'position', 'outcome', 'database', 'reasons', 'raw'],
    additionalProperties: true,
    properties: {
      run: TEXT,
      startedAt: TIME,
      entity: TEXT,
      fileTitle: TEXT,
      line: COUNT,
      position: COUNT,
      outcome: TEXT,
      database: TEXT,
      rowId: MAYBE_TEXT,
      reasons: { type: 'array', items: { type: 'object', additionalProperties: true } },
      raw: { ...TEXT, description: 'the record as it stood in the source' },
    },
  },
} as const

/** From a line of a file to its row, and back; as `shardyard trace --json` tells it. */
export async function traceRoutes(app: FastifyInstance, { cluster }: ServerContext): Promise<void> {
  app.get<{ Params: { id: string }; Querystring: { file: number; line: number } }>('/runs/:id/trace', {
    config: { scope: 'read' },
    schema: {
      tags: ['loads'],
      summary: 'What became of the record on a line of a file',
      params: { type: 'object', properties: { id: { ...TEXT, maxLength: 40 } } },
      querystring: {
        type: 'object',
        required: ['line'],
        properties: {
          file: { type: 'integer', minimum: 0, default: 0, description: 'its place among the files of the run' },
          line: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        },
      },
      response: { 200: TRACES, ...ERRORS },
    },
    handler: async ({ params, query }) => {
      const traces = await traceInRun(cluster, await findRun(cluster, params.id), query)
      return plain(traces.map(traceJson))
    },
  })
  app.get<{ Params: { entity: string; id: string } }>('/entities/:entity/:id/trace', {
    config: { scope: 'read' },
    schema: {
      tags: ['entities'],
      summary: 'Which records of which files a row comes from',
      params: {
        type: 'object',
        properties: { entity: { ...TEXT, maxLength: 200 }, id: { ...TEXT, maxLength: 100 } },
      },
      response: { 200: TRACES, ...ERRORS },
    },
    handler: async ({ params }) => plain((await traceRow(cluster, params.entity, params.id)).map(traceJson)),
  })
}

/** Without members that are undefined, and moments as text: what JSON makes of it. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown
}
