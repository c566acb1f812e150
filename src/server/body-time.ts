import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.js'

/** A request whose body has not come in. */
interface Arriving {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly until: number
}

/** On a connection, where no table grows and shrinks with each request. */
const ARRIVING = Symbol('the request whose body comes in')

interface Connection extends Socket {
  [ARRIVING]?: Arriving | undefined
}

/** How late a request may be given up. */
const LATE_MS = 1_000

/**
 * Ends requests whose body does not come in within a time; the answer notes each that begins. A route that reads its
 * body as a stream, as uploads do, has it parsed at once and is not concerned: there a connection that says nothing for
 * a while is closed.
 */
export function limitBodyTime(
  app: FastifyInstance,
  limitMs: number,
): (request: FastifyRequest, reply: FastifyReply) => void {
  /** Those whose latest request may be without its body; of whatever server the application is mounted in. */
  const connections = new Set<Connection>()
  // Looked at now and then, as a timer for each request costs more.
  const look = () => {
    const now = performance.now()
    for (const connection of connections) {
      const arriving = connection[ARRIVING]
      if (arriving !== undefined && arriving.until > now) continue
      connections.delete(connection)
      connection[ARRIVING] = undefined
      if (arriving !== undefined) giveUp(arriving, limitMs)
    }
  }
  const timer = setInterval(look, Math.min(LATE_MS, limitMs / 4)).unref()
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('preValidation', (request, _reply, done) => {
    const connection: Connection = request.raw.socket
    // The next request of the connection may have begun.
    if (connection[ARRIVING]?.request === request) connection[ARRIVING] = undefined
    done()
  })
  return (request, reply) => {
    const { headers } = request.raw
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
    const connection: Connection = request.raw.socket
    connection[ARRIVING] = { request, reply, until: performance.now() + limitMs }
    connections.add(connection)
  }
}

function giveUp({ request, reply }: Arriving, limitMs: number): void {
  if (reply.sent) return
  reply.header('connection', 'close')
  reply.raw.once('finish', () => request.raw.socket.destroySoon())
  void reply.send(new HttpProblem('REQUEST_TIMEOUT', `The body did not come in within ${limitMs} ms.`))
}
