import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.js'

interface Arriving {
  readonly reply: FastifyReply
  readonly until: number
}

/** How late a request may be given up. */
const LATE_MS = 1_000

/**
 * Ends requests whose body does not come in within a time. A route that reads its body as a stream, as uploads do, has
 * it parsed at once and is not concerned: there a connection that says nothing for a while is closed.
 */
export function limitBodyTime(app: FastifyInstance, limitMs: number): void {
  /** Those whose body has not come in, the oldest first; looked at now and then, as a timer for each costs more. */
  const arriving = new Map<FastifyRequest, Arriving>()
  const look = () => {
    const now = performance.now()
    for (const [request, { reply, until }] of arriving) {
      if (until > now) return
      arriving.delete(request)
      giveUp(request, reply, limitMs)
    }
  }
  const timer = setInterval(look, Math.min(LATE_MS, limitMs / 4)).unref()
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('preParsing', (request, reply, _payload, done) => {
    const { headers } = request
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined)
      arriving.set(request, { reply, until: performance.now() + limitMs })
    done()
  })
  const clear = (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
    arriving.delete(request)
    done()
  }
  app.addHook('preValidation', clear)
  app.addHook('onResponse', clear)
}

function giveUp(request: FastifyRequest, reply: FastifyReply, limitMs: number): void {
  if (reply.sent) return
  reply.header('connection', 'close')
  reply.raw.once('finish', () => request.raw.socket.destroySoon())
  void reply.send(new HttpProblem('REQUEST_TIMEOUT', `The body did not come in within ${limitMs} ms.`))
}
