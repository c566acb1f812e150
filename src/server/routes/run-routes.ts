import type { FastifyInstance } from 'fastify'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import { findRun, hasRuns } from '../../pipeline/runs/find-run.js'
import { RunStore } from '../../pipeline/runs/run-store.js'
import { pageJson } from '../page.js'
import { RUN_DETAIL, runDetailJson } from '../run-detail-json.js'
import { RUN, runsJson } from '../run-json.js'
import { ERRORS, PAGE_QUERY, pageOf } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const PARAMS = { type: 'object', properties: { id: { type: 'string', maxLength: 40 } } } as const
const STATES = ['running', 'complete', 'incomplete', 'interrupted'] as const
const KINDS = ['ingestion', 'simulation'] as const

interface OfRun {
  Params: { id: string }
}

/** `/runs`: what was loaded, and what became of it. */
export async function runRoutes(app: FastifyInstance, { cluster, cursors, answers }: ServerContext): Promise<void> {
  app.addSchema(RUN)
  app.get<{ Querystring: { limit: number; after?: string; kind?: string; state?: string } }>('/runs', {
    config: { scope: 'read' },
    schema: {
      tags: ['cluster'],
      summary: 'Runs, the latest first',
      querystring: { type: 'object', properties: { ...PAGE_QUERY, kind: { enum: KINDS }, state: { enum: STATES } } },
      response: { 200: pageOf({ $ref: 'Run#' }), ...ERRORS },
    },
    handler: async (request, reply) => {
      const { limit, after, kind, state } = request.query
      const list = `runs ${kind ?? ''} ${state ?? ''}`
      const place = after === undefined ? undefined : placeOf(await cursors.read(list, after))
      const runs = (await hasRuns(cluster))
        ? await new RunStore(cluster).page({ limit: limit + 1, kind, state, after: place })
        : []
      const page = runs.slice(0, limit)
      const last = runs.length > limit ? page.at(-1) : undefined
      const next = last === undefined ? undefined : await cursors.write(list, [last.startedAt.getTime(), last.id])
      return pageJson(request, reply, await runsJson(cluster, page), next)
    },
  })
  app.get<OfRun>('/runs/:id', {
    config: { scope: 'read' },
    schema: {
      tags: ['cluster'],
      summary: 'A run with its files, databases and reasons; `latest` is one too',
      params: PARAMS,
      response: { 200: RUN_DETAIL, ...ERRORS },
    },
    handler: async ({ params }) => runDetailJson(cluster, await findRun(cluster, params.id), answers),
  })
}

function placeOf([startedAt, id]: readonly (string | number)[]): Pick<RunRow, 'startedAt' | 'id'> {
  return { startedAt: new Date(Number(startedAt)), id: String(id) }
}
