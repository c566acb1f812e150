/** What is logged, and what never is: no key, no cookie, no body, no row, no parameter of a statement. */
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify'
import { ShardyardError } from '../errors.js'
import { withoutKeys } from '../pipeline/keys/key-text.js'

/** An error as a log line has it. */
interface ErrorFacts {
  readonly type: string
  readonly code: string | undefined
  readonly message: string
  /** Where it was thrown, without the message. */
  readonly stack: string
  readonly cause: ErrorFacts | undefined
  readonly [name: string]: unknown
}

interface LevelledLog {
  readonly isLevelEnabled?: (level: string) => boolean
}

const SECRETS = ['authorization', '["x-api-key"]', 'cookie', '["set-cookie"]']
const CAUSES_MAX = 5
const MESSAGE_LENGTH = 1_000
/** What databases quote in their messages is, or may be, what a row holds; the names of tables stay. */
const QUOTED = /'[^']*'|: "[^"]*"|\bLINE \d+:.*/gs

/** The logger that was asked for, with what keeps secrets and rows out of it. */
export function safeLogger(logger: FastifyServerOptions['logger']): FastifyServerOptions['logger'] {
  if (logger === false || logger === undefined) return false
  const given = logger === true ? {} : logger
  const heads = ['headers', 'req.headers', 'request.headers', 'res.headers']
  const paths = heads.flatMap((head) =>
    SECRETS.map((name) => (name.startsWith('[') ? `${head}${name}` : `${head}.${name}`)),
  )
  return {
    ...given,
    redact: { paths: [...paths, 'body', 'req.body', 'parameters', 'query'], censor: '***' },
    serializers: { ...given.serializers, err: errorFacts, req: requestFacts },
  }
}

/** A line for each answer: failures and changes made with an admin's key always, the rest when it is asked for. */
export function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const level = levelOf(request, reply.statusCode)
    if ((request.log as LevelledLog).isLevelEnabled?.(level) !== false) {
      const facts = { ...requestFacts(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 }
      request.log[level](facts, 'answered')
    }
    done()
  })
}

function levelOf({ method, routeOptions }: FastifyRequest, status: number): 'error' | 'info' | 'debug' {
  if (status >= 500) return 'error'
  if (status >= 400) return 'info'
  const { scope } = routeOptions.config
  return (scope === 'admin' || scope === 'faults') && method !== 'GET' && method !== 'HEAD' ? 'info' : 'debug'
}

function requestFacts({ method, url, ip, caller }: FastifyRequest) {
  return { method, path: withoutKeys(url.split('?')[0] ?? '').slice(0, 500), ip, key: caller?.id }
}

/** Names, codes and places; of a database's message not what it quotes. */
export function errorFacts(error: unknown): ErrorFacts {
  return factsOf(error, 0)
}

function factsOf(error: unknown, depth: number): ErrorFacts {
  if (!(error instanceof Error))
    return { type: typeof error, code: undefined, message: '', stack: '', cause: undefined }
  const { name, message, stack = '' } = error
  const { code } = error as { code?: unknown }
  const isOwn = error instanceof ShardyardError
  return {
    type: isOwn ? name : error.constructor.name,
    code: typeof code === 'string' ? code : undefined,
    message: withoutKeys(message).replace(QUOTED, '…').slice(0, MESSAGE_LENGTH),
    stack: placesOf(stack),
    cause: error.cause === undefined || depth >= CAUSES_MAX ? undefined : factsOf(error.cause, depth + 1),
  }
}

/** The frames of a stack; its head repeats the message. */
function placesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim().slice(0, 300))
    .join('; ')
}
