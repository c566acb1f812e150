import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LiveListeners } from '../live/live-listeners.js'
import { LiveWatcher } from '../live/live-watcher.js'
import { HttpProblem } from '../problem.js'
import { ERRORS } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const STREAM = {
  description: 'Server-sent events: `hello` first, then what goes on; a comment each 15 s while nothing does',
  content: { 'text/event-stream': { schema: { type: 'string' } } },
} as const

const RETRY_AFTER_S = '5'

/** `/stream`: what goes on, as it happens. */
export async function streamRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  const { live, options, stopping, access } = context
  const watching = new LiveWatcher(context, (error) => {
    app.log.warn({ err: error }, 'what goes on cannot be found out; asking again')
  }).run()
  app.addHook('onClose', () => watching)
  const listeners = new LiveListeners(live, { max: options.listenersMax })
  stopping.addEventListener('abort', () => listeners.close(), { once: true })
  app.get<{ Headers: { 'last-event-id'?: string } }>('/stream', {
    config: { scope: 'read' },
    // An answer without a body would never end.
    exposeHeadRoute: false,
    schema: {
      tags: ['server'],
      summary: 'What goes on, as server-sent events',
      headers: {
        type: 'object',
        properties: {
          'last-event-id': { type: 'string', maxLength: 64, description: 'the id of the last event received' },
        },
      },
      response: { 200: STREAM, ...ERRORS },
    },
    handler: async (request, reply) => {
      if (stopping.aborted) throw new HttpProblem('UNAVAILABLE', 'The server is stopping. Come back to another.')
      if (listeners.isFull) {
        const detail = `As many listen as may: ${options.listenersMax}. Try again later.`
        throw new HttpProblem('TOO_MANY_REQUESTS', detail, { headers: { 'retry-after': RETRY_AFTER_S } })
      }
      reply.hijack()
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'x-request-id': request.id,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies of the nginx kind would hold events back.
        'x-accel-buffering': 'no',
      })
      listeners.add(reply.raw, { lastId: request.headers['last-event-id'], mayGoOn: () => mayListen(request) })
    },
  })

  /** False once the key of a request would be refused; while control is down nobody is put out. */
  function mayListen(request: FastifyRequest): Promise<boolean> {
    return access.require(request, 'read').then(
      () => true,
      (error: unknown) => !(error instanceof HttpProblem),
    )
  }
}
