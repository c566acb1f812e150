/** Errors as answers: `application/problem+json` (RFC 9457) with a code, never a stack, a path or SQL. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ShardyardError, type ErrorCode } from '../errors.js'
import { withoutKeys } from '../pipeline/keys/key-text.js'
import type { Reason } from '../cluster/validation/check-object.js'

/** One mistake in what was sent. */
export interface ProblemError {
  /** JSON pointer into the body. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** Codes of answers that no `ShardyardError` stands behind, with their status. */
export const HTTP_CODES = {
  BODY_INVALID: 400,
  REQUEST_INVALID: 400,
  HOST_REFUSED: 400,
  DIGEST_MISMATCH: 400,
  KEY_MISSING: 401,
  KEY_UNKNOWN: 401,
  SCOPE_MISSING: 403,
  ORIGIN_REFUSED: 403,
  FAULTS_REFUSED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  GONE: 410,
  PRECONDITION_FAILED: 412,
  BODY_TOO_LARGE: 413,
  TYPE_UNSUPPORTED: 415,
  RANGE_UNSATISFIABLE: 416,
  INVALID: 422,
  IDEMPOTENCY_KEY_REUSED: 422,
  TOO_MANY_REQUESTS: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DISK_FULL: 507,
} as const

export type HttpCode = keyof typeof HTTP_CODES

const STATUSES: Partial<Record<ErrorCode, number>> = {
  SY_OPTION_INVALID: 422,
  SY_INPUT_INVALID: 422,
  SY_SOURCE_UNREADABLE: 422,
  SY_VALIDATION_FAILED: 422,
  SY_ENTITY_UNKNOWN: 404,
  SY_DATABASE_UNKNOWN: 404,
  SY_RUN_UNKNOWN: 404,
  SY_REPORT_UNKNOWN: 404,
  SY_JOB_UNKNOWN: 404,
  SY_KEY_UNKNOWN: 404,
  SY_JOB_STATE: 409,
  SY_SCHEMA_DRIFT: 409,
  SY_UPLOAD_UNKNOWN: 404,
  SY_UPLOAD_REFUSED: 413,
  SY_DISK_FULL: 507,
  SY_FILE_DAMAGED: 410,
  SY_DATABASE_DOWN: 503,
  SY_DATABASE_BUSY: 503,
  SY_MIGRATION_FAILED: 503,
  SY_QUEUE_DOWN: 503,
  SY_STREAM_DOWN: 503,
  SY_ROLLED_BACK: 503,
  SY_COMMIT_UNKNOWN: 503,
  SY_CLUSTER_CLOSED: 503,
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'A key is needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'The request took too long',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition failed',
  413: 'Too large',
  414: 'URL too long',
  415: 'Media type not supported',
  416: 'Range not satisfiable',
  422: 'Not valid',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Unavailable',
  507: 'No space left',
}

const RETRY_AFTER_S = 5

/** What {@link HttpProblem} takes beside its code and its words. */
export interface HttpProblemOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly errors?: readonly ProblemError[]
  readonly members?: Readonly<Record<string, string>>
}

/** An answer that a route gives in place of its own. */
export class HttpProblem extends Error {
  readonly code: HttpCode
  readonly headers: Readonly<Record<string, string>>
  readonly errors: readonly ProblemError[]
  /** What else is told, beside the members of every problem. */
  readonly members: Readonly<Record<string, string>>

  constructor(code: HttpCode, detail: string, options: HttpProblemOptions = {}) {
    super(detail)
    this.code = code
    this.headers = options.headers ?? {}
    this.errors = options.errors ?? []
    this.members = options.members ?? {}
  }
}

interface Told {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
  readonly errors?: readonly ProblemError[]
  readonly members?: Readonly<Record<string, string>>
}

/** Answers a request with what went wrong. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, detail, headers = {}, errors = [], members = {} } = toldOf(error)
  if (status >= 500) request.log.error({ err: error, code }, 'request failed')
  if (status === 503) reply.header('retry-after', String(RETRY_AFTER_S))
  void reply
    .status(status)
    .headers(headers)
    .header('content-type', 'application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      type: `urn:shardyard:problem:${code}`,
      title: problemTitle(status),
      status,
      detail,
      instance: withoutKeys(request.url.split('?')[0] ?? ''),
      code,
      requestId: request.id,
      ...(errors.length > 0 ? { errors } : {}),
      ...members,
    })
}

/** What a status means, in a few words. */
export function problemTitle(status: number): string {
  return TITLES[status] ?? 'Error'
}

function toldOf(error: unknown): Told {
  if (error instanceof HttpProblem) {
    const { code, message, headers, errors, members } = error
    return { status: HTTP_CODES[code], code, detail: message, headers, errors, members }
  }
  if (error instanceof ShardyardError) return toldOfOwn(error)
  return toldOfFastify(error as Partial<FastifyError>)
}

function toldOfOwn(error: ShardyardError): Told {
  const status = STATUSES[error.code] ?? 500
  if (status === 500) return { status, code: error.code, detail: 'The server has met an error; its log tells more.' }
  if (status === 503) {
    const database = typeof error.details['database'] === 'string' ? ` (database "${error.details['database']}")` : ''
    return { status, code: error.code, detail: `It cannot be done now${database}. Try again later.` }
  }
  const reasons = error.code === 'SY_VALIDATION_FAILED' ? (error.details['reasons'] as readonly Reason[]) : []
  const errors = reasons.map(({ field, message, code }) => ({ pointer: `#/${field}`, code, detail: message }))
  return { status, code: error.code, detail: error.message, errors }
}

/** What fastify itself refuses: a body that is no JSON, one that is too large, one that its schema refuses. */
function toldOfFastify({
  statusCode = 500,
  code,
  message = '',
  validation,
  validationContext,
}: Partial<FastifyError>): Told {
  if (validation !== undefined) {
    const errors = validation.map(({ instancePath, keyword, message: why = '' }) => ({
      pointer: `#${instancePath}`,
      code: keyword,
      detail: why,
    }))
    const where = validationContext === 'body' ? 'body' : String(validationContext ?? 'request')
    const status = validationContext === 'body' ? 422 : 400
    return {
      status,
      code: status === 422 ? 'INVALID' : 'REQUEST_INVALID',
      detail: `The ${where} is not valid.`,
      errors,
    }
  }
  if (statusCode === 413) return { status: 413, code: 'BODY_TOO_LARGE', detail: message }
  if (statusCode === 415) return { status: 415, code: 'TYPE_UNSUPPORTED', detail: message }
  if (statusCode === 429) return { status: 429, code: 'TOO_MANY_REQUESTS', detail: message }
  if (code === 'FST_ERR_BAD_URL') return { status: 400, code: 'REQUEST_INVALID', detail: 'The URL cannot be read.' }
  if (statusCode === 414) return { status: 414, code: 'REQUEST_INVALID', detail: 'A part of the URL is too long.' }
  if (statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, code: code === 'FST_ERR_NOT_FOUND' ? 'NOT_FOUND' : 'BODY_INVALID', detail: message }
  }
  return { status: 500, code: 'INTERNAL', detail: 'The server has met an error; its log tells more.' }
}
