import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.js'

/** A request whose body may not have come in. */
interface Arriving {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** By the clock of `performance.now()`. */
  readonly startedAt: number
}

/** On a connection, where no table grows and shrinks with each request. */
const ARRIVING = Symbol('the request whose body comes in')

interface Connection extends Socket {
  [ARRIVING]?: Arriving | undefined
}

/** How late a request may be given up. */
const LATE_MS = 1_000

/** Is told of requests. */
export interface BodyLimit {
  readonly begun: (arriving: Arriving) => void
  readonly answered: (request: FastifyRequest) => void
}

/**
 * Ends requests whose body does not come in within a time. A route that reads its body as a stream, as uploads do, says
 * so in its config (`streamsBody`) and is not concerned: a connection that says nothing for a while is closed there.
 */
export function limitBodyTime(app: FastifyInstance, limitMs: number): BodyLimit {
  /** Those whose latest request may be without its body; of whatever server the application is mounted in. */
  const connections = new Set<Connection>()
  // Looked at now and then, as a timer for each request costs more.
  const look = () => {
    const lateAt = performance.now() - limitMs
    for (const connection of connections) {
      const arriving = connection[ARRIVING]
      if (arriving !== undefined && !arriving.request.raw.complete) {
        if (arriving.startedAt > lateAt) continue
        giveUp(arriving, limitMs)
      }
      connections.delete(connection)
      connection[ARRIVING] = undefined
    }
  }
  const timer = setInterval(look, Math.min(LATE_MS, limitMs / 4)).unref()
  app.addHook('onClose', async () => clearInterval(timer))
  return {
    begun(arriving) {
      const { headers, socket } = arriving.request.raw
      if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
      const connection: Connection = socket
      connection[ARRIVING] = arriving
      connections.add(connection)
    },
    answered(request) {
      const connection: Connection = request.raw.socket
      // Not kept until the next look, which whoever collects garbage would pay for. The next request may have begun.
      if (connection[ARRIVING]?.request === request) connection[ARRIVING] = undefined
    },
  }
}

function giveUp({ request, reply }: Arriving, limitMs: number): void {
  if (reply.sent) return
  reply.header('connection', 'close')
  reply.raw.once('finish', () => request.raw.socket.destroySoon())
  void reply.send(new HttpProblem('REQUEST_TIMEOUT', `The body did not come in within ${limitMs} ms.`))
}
