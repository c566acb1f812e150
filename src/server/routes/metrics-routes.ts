import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { measureConsumers } from '../metrics/consumer-metrics.js'
import { measureProcess } from '../metrics/process-metrics.js'
import { measureStore } from '../metrics/store-metrics.js'
import { ERRORS } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

/** `/metrics`, as Prometheus reads them. */
export async function metricsRoutes(app: FastifyInstance, context: ServerContext, registry: Registry): Promise<void> {
  measureProcess(registry, context)
  const looks = [...measureStore(registry, context), measureConsumers(registry, context)]
  app.get('/metrics', {
    config: { scope: 'read' },
    schema: {
      tags: ['server'],
      summary: 'Figures for Prometheus',
      response: { 200: { content: { 'text/plain': { schema: { type: 'string' } } } }, ...ERRORS },
    },
    handler: async (_request, reply) => {
      await Promise.all(looks.map((look) => look()))
      return reply.type(registry.contentType).send(await registry.metrics())
    },
  })
}
