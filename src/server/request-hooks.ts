/**
 * What every request passes at its beginning and at its end, in one hook: where many requests are answered in a moment,
 * the steps from hook to hook cost more than what the hooks do.
 */
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import { guardRoutes } from './access.js'
import { limitBodyTime } from './body-time.js'
import { requestMeter } from './metrics/request-metrics.js'
import { endSpanOf, startSpanOf } from './request-spans.js'
import { setSecurityHeaders } from './security-headers.js'
import type { ServerContext } from './server-context.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The pattern of the route, not the URL: there are as many as routes. `none` where there is no route. */
    pattern: string
  }
}

/** Comes before all routes. */
export function attendRequests(app: FastifyInstance, context: ServerContext, registry: Registry): void {
  const admit = guardRoutes(app, context.access, context)
  const body = limitBodyTime(app, context.options.requestMs)
  const measure = requestMeter(registry)
  app.decorateRequest('pattern', 'none')
  const begin = (
    request: FastifyRequest,
    reply: FastifyReply,
    {
      config,
      startedAt,
      done,
    }: {
      readonly config: FastifyContextConfig
      readonly startedAt: number
      readonly done: (error?: Error) => void
    },
  ): void => {
    setSecurityHeaders(request, reply)
    if (config.streamsBody !== true) body.begun({ request, reply, startedAt })
    const admitted = admit(request, config)
    // Most requests have nothing to wait for.
    if (admitted === undefined) done()
    else void goOn(admitted, done)
  }
  app.addHook('onRequest', (request, reply, done) => {
    const startedAt = performance.now()
    // Asked once, as it is put together anew each time.
    const { url, config } = request.routeOptions
    request.pattern = url ?? 'none'
    const open = startSpanOf(request)
    // What fastify does for its hook of this name costs as much as the rest of this.
    reply.raw.on('finish', () => {
      body.answered(request)
      if (open !== undefined) endSpanOf(request, reply, open.span)
      measure(request, reply, (performance.now() - startedAt) / 1_000)
    })
    if (open === undefined) begin(request, reply, { config, startedAt, done })
    else open.within(() => begin(request, reply, { config, startedAt, done }))
  })
}

async function goOn(admitted: Promise<void>, done: (error?: Error) => void): Promise<void> {
  try {
    await admitted
  } catch (error) {
    done(error as Error)
    return
  }
  done()
}
