/**
 * What every request passes at its beginning and at its end, each in one hook: where many requests are answered in a
 * moment, the steps from hook to hook cost more than what the hooks do.
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
  const noteBody = limitBodyTime(app, context.options.requestMs)
  const measure = requestMeter(registry)
  app.decorateRequest('pattern', 'none')
  const begin = (
    request: FastifyRequest,
    reply: FastifyReply,
    { config, done }: { config: FastifyContextConfig; done: (error?: Error) => void },
  ): void => {
    setSecurityHeaders(request, reply)
    noteBody(request, reply)
    const admitted = admit(request, config)
    // Most requests have nothing to wait for.
    if (admitted === undefined) done()
    else void goOn(admitted, done)
  }
  app.addHook('onRequest', (request, reply, done) => {
    // Asked once, as it is put together anew each time.
    const { url, config } = request.routeOptions
    request.pattern = url ?? 'none'
    const open = startSpanOf(request)
    if (open === undefined) begin(request, reply, { config, done })
    else open.within(() => begin(request, reply, { config, done }))
  })
  app.addHook('onResponse', (request, reply, done) => {
    endSpanOf(request, reply)
    measure(request, reply)
    done()
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
