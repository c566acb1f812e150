import type { FastifyInstance, FastifyRequest } from 'fastify'
import { endRequestSpan, startRequestSpan, type Span } from '../util/tracing.js'

const SPAN = Symbol('the span of the request')

interface Traced {
  [SPAN]?: Span
}

/** A span for each request, part of the trace that its `traceparent` names. Comes before all other hooks. */
export function traceRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const name = `${request.method} ${request.routeOptions.url ?? 'none'}`
    const open = startRequestSpan(name, request.headers)
    if (open === undefined) return done()
    ;(request as Traced)[SPAN] = open.span
    open.within(done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const span = (request as Traced)[SPAN]
    if (span !== undefined) endRequestSpan(span, attributesOf(request, reply.statusCode), reply.statusCode >= 500)
    done()
  })
}

function attributesOf(request: FastifyRequest, status: number) {
  return {
    'http.request.method': request.method,
    'http.route': request.routeOptions.url ?? 'none',
    'http.response.status_code': status,
    'shardyard.request_id': request.id,
  }
}
