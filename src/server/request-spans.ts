import type { FastifyReply, FastifyRequest } from 'fastify'
import { endRequestSpan, isTraced, startRequestSpan, type OpenSpan, type Span } from '../util/tracing.js'

/** Begins the span of a request, part of the trace that its `traceparent` names; undefined where nothing is recorded. */
export function startSpanOf(request: FastifyRequest): OpenSpan | undefined {
  if (!isTraced()) return undefined
  return startRequestSpan(`${request.method} ${request.pattern}`, request.headers)
}

/** Ends the span of a request. */
export function endSpanOf(request: FastifyRequest, reply: FastifyReply, span: Span): void {
  endRequestSpan(span, attributesOf(request, reply.statusCode), reply.statusCode >= 500)
}

function attributesOf(request: FastifyRequest, status: number) {
  return {
    'http.request.method': request.method,
    'http.route': request.pattern,
    'http.response.status_code': status,
    'shardyard.request_id': request.id,
  }
}
