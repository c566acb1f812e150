import type { FastifyInstance } from 'fastify'
import { ERRORS } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const STATE = { type: 'object', required: ['status'], properties: { status: { type: 'string' } } } as const

/** What supervisors ask: whether the process lives, and whether it takes work. */
export async function healthRoutes(app: FastifyInstance, { stopping }: ServerContext): Promise<void> {
  app.get('/livez', {
    config: { scope: 'none' },
    schema: { tags: ['server'], summary: 'Answers while the process lives', response: { 200: STATE, ...ERRORS } },
    handler: async () => ({ status: 'alive' }),
  })
  app.get('/readyz', {
    config: { scope: 'none' },
    schema: {
      tags: ['server'],
      summary: 'Whether requests may be sent here',
      response: { 200: STATE, 503: STATE, ...ERRORS },
    },
    handler: async (_request, reply) => {
      if (stopping.aborted) return reply.status(503).send({ status: 'stopping' })
      return { status: 'ready' }
    },
  })
}
