import type { FastifyReply, FastifyRequest } from 'fastify'
import { Histogram, type Registry } from 'prom-client'

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

/** Notes requests by method, route and status, with how long they took, when they are answered. */
export function requestMeter(registry: Registry): (request: FastifyRequest, reply: FastifyReply) => void {
  const durations = new Histogram({
    name: 'shardyard_http_request_duration_seconds',
    help: 'How long requests took, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  })
  return (request, reply) => {
    const { method, pattern: route } = request
    durations.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000)
  }
}
