/** What the routes have in common by which users of five other systems go on calling this one. */
import type { FastifyInstance } from 'fastify'
import type { RoutePlugin } from '../../src/server/define-server.js'
import { replayPosts } from '../../src/server/idempotency.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route of the API that does the same and more. */
    successor?: string
  }
}

/** The first moment of 2026, since when the API's own routes are to be called instead (RFC 9745). */
const DEPRECATED_SINCE = '@1767225600'

export const TAG = 'other systems'

/** Routes of another system. Each answer says that it is old and what has come after it; errors also say `error`. */
export function otherSystem(routes: RoutePlugin): RoutePlugin {
  return async (app, context) => {
    await app.register(async (scope) => {
      scope.addHook('onSend', async ({ routeOptions }, reply) => {
        const { successor } = routeOptions.config
        if (successor === undefined) return
        reply.header('deprecation', DEPRECATED_SINCE)
        reply.header('link', `<${successor}>; rel="successor-version"`)
      })
      scope.addHook('preSerialization', async (_request, reply, payload) => {
        const { detail } = (payload ?? {}) as { readonly detail?: unknown }
        const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json')
        return isProblem && typeof detail === 'string' ? { ...(payload as object), error: detail } : payload
      })
      replayPosts(scope, context)
      await routes(scope, context)
    })
  }
}

/** Takes any body and reads none, as the originals did: clients send what they like along. */
export function ignoreBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null, undefined))
}
