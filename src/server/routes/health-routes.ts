import type { FastifyInstance } from 'fastify'
import { readinessOf, type ReadinessCheck } from '../../pipeline/maintenance/readiness.js'
import { ERRORS } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const STATE = { type: 'object', required: ['status'], properties: { status: { type: 'string' } } } as const
const READINESS = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { enum: ['ready', 'unready', 'stopping'] },
    checks: {
      type: 'array',
      description: 'with ?verbose',
      items: {
        type: 'object',
        required: ['check', 'state', 'note'],
        properties: { check: { type: 'string' }, state: { enum: ['pass', 'warn', 'fail'] }, note: { type: 'string' } },
      },
    },
  },
} as const

/** Probes come often, and from several; they share a look. */
const LOOK_MS = 1_000

/** What supervisors ask: whether the process lives, and whether it takes work. */
export async function healthRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  const { stopping } = context
  const look = sharedLook(context)
  app.get('/livez', {
    config: { scope: 'none' },
    schema: { tags: ['server'], summary: 'Answers while the process lives', response: { 200: STATE, ...ERRORS } },
    handler: async () => ({ status: 'alive' }),
  })
  app.get<{ Querystring: { verbose?: string } }>('/readyz', {
    config: { scope: 'none' },
    schema: {
      tags: ['server'],
      summary: 'Whether requests may be sent here',
      querystring: { type: 'object', properties: { verbose: { type: 'string', description: 'tells each check' } } },
      response: { 200: READINESS, 503: READINESS, ...ERRORS },
    },
    handler: async ({ query }, reply) => {
      const checks = await look()
      const status = statusOf(stopping, checks)
      const body = query.verbose === undefined ? { status } : { status, checks }
      return reply.status(status === 'ready' ? 200 : 503).send(body)
    },
  })
}

function statusOf(stopping: AbortSignal, checks: readonly ReadinessCheck[]): 'ready' | 'unready' | 'stopping' {
  if (stopping.aborted) return 'stopping'
  return checks.some(({ state }) => state === 'fail') ? 'unready' : 'ready'
}

/** At most one look at a time, and none that is younger than another second. */
function sharedLook({ cluster, queue, options }: ServerContext): () => Promise<readonly ReadinessCheck[]> {
  let last: { readonly at: number; readonly checks: Promise<readonly ReadinessCheck[]> } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now - last.at > LOOK_MS)
      last = { at: now, checks: readinessOf(cluster, { queue, folder: options.folder }) }
    return last.checks
  }
}
