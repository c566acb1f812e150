import type { FastifyInstance } from 'fastify'
import { KEY_SCOPES } from '../../pipeline/keys/keys.js'
import { ERRORS } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const ME = {
  type: 'object',
  required: ['needsKey', 'scopes'],
  properties: {
    needsKey: { type: 'boolean', description: 'whether requests without a key are refused' },
    scopes: { type: 'array', items: { enum: KEY_SCOPES }, description: 'what the key of this request allows' },
  },
} as const

/** `/me`: what the caller may do here. */
export async function meRoutes(app: FastifyInstance, { access }: ServerContext): Promise<void> {
  app.get('/me', {
    config: { scope: 'none' },
    schema: { tags: ['server'], summary: 'What the key of a request allows', response: { 200: ME, ...ERRORS } },
    handler: async (request) => {
      const caller = await access.callerOf(request)
      return { needsKey: await access.needsKey(), scopes: caller?.scopes ?? [] }
    },
  })
}
