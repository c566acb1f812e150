/** `Idempotency-Key`: a POST that a client sends again, as it got no answer, is done once and answered alike. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  digestOf,
  IdempotencyStore,
  type KeptAnswer,
  type RequestClaim,
} from '../pipeline/idempotency/idempotency-store.js'
import type { NewJob } from '../pipeline/jobs/job-queue.js'
import { HttpProblem } from './problem.js'
import type { ServerContext } from './server-context.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False where the key is passed over: what is sent is known again by its own content. @defaultValue true */
    isReplayable?: boolean
  }
  interface FastifyRequest {
    /**
     * Of a request with an `Idempotency-Key`: by which the job that it enqueues is known again, when the server dies
     * before it has kept its answer.
     */
    jobKey: string | undefined
  }
}

/** A string of RFC 8941: printable ASCII between quotes, where `\` escapes itself and the quote. */
const KEY = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/
const KEY_LENGTH = 255
/** Headers that belong to an answer, not to the moment in which it is given. */
const KEPT_HEADERS = ['content-type', 'location', 'retry-after', 'etag'] as const
/** A larger answer is not kept: the request is done anew. */
const BODY_MAX = 1_048_576

/** The job of a request; the same one when the request comes again. */
export function jobOfRequest(job: NewJob, { jobKey }: Pick<FastifyRequest, 'jobKey'>): NewJob {
  return jobKey === undefined ? job : { ...job, key: jobKey }
}

/** Applies to every POST of the scope that it is called on. */
export function replayPosts(api: FastifyInstance, { cluster, options }: ServerContext): void {
  const store = new IdempotencyStore(cluster, options.requestMs)
  const claims = new WeakMap<FastifyRequest, RequestClaim>()
  api.decorateRequest('jobKey', undefined)

  // After validation: what is refused for its form is not remembered.
  const begin = async (request: FastifyRequest, reply: FastifyReply) => {
    const header = request.headers['idempotency-key']
    if (header === undefined || isStream(request.body)) return undefined
    const id = digestOf([clientOf(request), 'POST', request.url.split('?')[0] ?? '', keyOf(header)])
    const fingerprint = digestOf([request.url, JSON.stringify(request.body) ?? ''])
    const claimed = await store.claim(id, fingerprint)
    if (claimed.kind === 'answered') return replay(reply, claimed.answer)
    if (claimed.kind === 'running') {
      const detail = 'A request with this Idempotency-Key is at work. Ask again in a moment.'
      throw new HttpProblem('CONFLICT', detail, { headers: { 'retry-after': '1' } })
    }
    if (claimed.kind === 'reused') {
      throw new HttpProblem(
        'IDEMPOTENCY_KEY_REUSED',
        'The Idempotency-Key was used for another request. Use a new one.',
      )
    }
    claims.set(request, claimed.claim)
    request.jobKey = `request ${id} ${fingerprint}`
    return undefined
  }
  const end = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    const claim = claims.get(request)
    if (claim === undefined) return
    claims.delete(request)
    const answer = keptOf(reply, payload)
    // The request is done, whether or not its answer can be kept.
    await (answer === undefined ? store.drop(claim) : store.keep(claim, answer)).catch((error: unknown) => {
      request.log.error({ err: error }, 'an answer was not kept for its Idempotency-Key')
    })
  }

  // By the route, so that others do not pay for it.
  api.addHook('onRoute', (route) => {
    const methods = [route.method].flat()
    if (!methods.includes('POST') || route.config?.isReplayable === false) return
    route.preHandler = [route.preHandler ?? [], begin].flat()
    route.onSend = [route.onSend ?? [], end].flat()
  })
}

function replay(reply: FastifyReply, { status, headers, body }: KeptAnswer): FastifyReply {
  return reply
    .status(status)
    .headers(headers)
    .header('idempotent-replayed', 'true')
    .serializer((text: unknown) => text as string)
    .send(body)
}

/** What is done again would fail again, or better succeed: only a success is kept. */
function keptOf(reply: FastifyReply, payload: unknown): KeptAnswer | undefined {
  const { statusCode: status } = reply
  if (status >= 300 || (payload !== undefined && payload !== null && typeof payload !== 'string')) return undefined
  const body = payload ?? ''
  if (body.length > BODY_MAX) return undefined
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  return { status, headers: Object.fromEntries(headers), body }
}

function keyOf(header: string | readonly string[]): string {
  const key = KEY.exec(typeof header === 'string' ? header : '')?.[1]
  if (key !== undefined && key.length > 0 && key.length <= KEY_LENGTH) return key
  const detail = `Expected Idempotency-Key to be a quoted text of 1 to ${KEY_LENGTH} printable characters, such as "3f2c".`
  throw new HttpProblem('REQUEST_INVALID', detail)
}

/** Keys of one client mean nothing to another. */
function clientOf({ headers }: FastifyRequest): string {
  return headers.authorization ?? String(headers['x-api-key'] ?? '')
}

function isStream(body: unknown): boolean {
  return typeof (body as { pipe?: unknown } | null | undefined)?.pipe === 'function'
}
