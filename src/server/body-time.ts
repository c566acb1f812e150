import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.js'

const TIMER = Symbol('the limit of the body')

interface Timed {
  [TIMER]?: NodeJS.Timeout
}

/**
 * Ends requests whose body does not come in within a time. A route that reads its body as a stream, as uploads do, has
 * it parsed at once and is not concerned: there a connection that says nothing for a while is closed.
 */
export function limitBodyTime(app: FastifyInstance, limitMs: number): void {
  app.addHook('preParsing', (request, reply, _payload, done) => {
    const { headers } = request
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined)
      (request as Timed)[TIMER] = setTimeout(() => giveUp(request, reply, limitMs), limitMs)
    done()
  })
  const clear = (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
    clearTimeout((request as Timed)[TIMER])
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
