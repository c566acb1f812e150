import type { FastifyReply, FastifyRequest } from 'fastify'
import { endRequestSpan, isTraced, startRequestSpan, type OpenSpan, type Span } from '../util/tracing.js'

const SPAN = Symbol('the span of the request')

interface Traced {
  [SPAN]?: Span
}

/** Begins the span of a request, part of the trace that its `traceparent` names; undefined where nothing is recorded. */
export function startSpanOf(request: FastifyRequest): OpenSpan | undefined {
  if (!isTraced()) return undefined
  const open = startRequestSpan(`${request.method} ${request.pattern}`, request.headers)
  if (open !== undefined) (request as Traced)[SPAN] = open.span
  return open
}

/** Ends the span of a request, if it has one. */
export function endSpanOf(request: FastifyRequest, reply: FastifyReply): void {
  const span = (request as Traced)[SPAN]
  if (span !== undefined) endRequestSpan(span, attributesOf(request, reply.statusCode), reply.statusCode >= 500)
}

function attributesOf(request: FastifyRequest, status: number) {
  return {
    'http.request.method': request.method,
    'http.route': request.pattern,
    'http.response.status_code': status,
    'shardyard.request_id': request.id,
  }
}
