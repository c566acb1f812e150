import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { groupPages } from '../../cluster/read/row-groups.js'
import type { PlacedEntity } from '../../cluster/entity.js'
import type { LateIntake } from '../../pipeline/ingest/late-intake.js'
import { latestLines, type LatestLine } from '../../pipeline/ingest/latest-lines.js'
import { parseRejectId, rawText, rejectId } from '../../pipeline/ingest/rejects.js'
import type { EventSettings } from '../define-server.js'
import { lineOf, problemOf, type EventLine } from '../event-answers.js'
import { HttpProblem } from '../problem.js'
import { readLines } from '../read-lines.js'
import { COUNT, ERRORS, MAYBE_TEXT, PAGE_QUERY, pageOf } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const STORED = {
  type: 'object',
  required: ['status', 'id'],
  properties: {
    status: { enum: ['accepted', 'duplicate'] },
    id: { ...MAYBE_TEXT, description: 'key of its row; of a duplicate only for keys that may read' },
  },
} as const

const REPLAYED = {
  description: 'It was stored before.',
  headers: { 'Idempotent-Replayed': { type: 'string', const: 'true' } },
  content: { 'application/json': { schema: STORED } },
} as const

const LATEST = {
  type: 'object',
  required: ['run', 'position', 'outcome', 'id', 'text', 'codes'],
  properties: {
    run: { type: 'string' },
    position: { ...COUNT, description: 'its place in the run' },
    outcome: { enum: ['accepted', 'duplicate', 'rejected', 'blank', 'header'] },
    id: MAYBE_TEXT,
    text: { type: 'string', description: 'the record as it came; at most 500 characters' },
    codes: { type: 'array', items: { type: 'string' } },
  },
} as const

const TOTALS = {
  type: 'object',
  required: ['by', 'sum', 'items', 'next'],
  properties: {
    by: { type: 'string' },
    sum: { type: 'string' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['key', 'count', 'total'],
        properties: { key: { type: 'string' }, count: COUNT, total: { type: 'string', description: 'decimal text' } },
      },
    },
    next: MAYBE_TEXT,
  },
} as const

const TEXT_MAX = 500
const NDJSON = 'application/x-ndjson'
/** A route says what it takes, and leaves it to the intake to judge the bytes. */
const UNCHECKED = () => () => true

type PageQuery = { Querystring: { limit: number; after?: string } }

/** `/events`: single records, judged and stored as a file of them would be. */
export async function eventRoutes(app: FastifyInstance, context: ServerContext): Promise<void> {
  const { events: intake, settings } = context
  if (intake === undefined || settings.events === undefined) return
  // The bytes are the intake's to read: keys that stand twice, and numbers that a double would change, are gone later.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      (request: FastifyRequest, body: Buffer, done) => {
        requirePlain(request)
        done(null, body)
      },
    )
    postRoute(scope, intake)
  })
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(NDJSON, async (request: FastifyRequest, body: Readable) => {
      requirePlain(request)
      return body
    })
    batchRoute(scope, intake, context)
  })
  latestRoute(app, context, settings.events)
  if (settings.events.totals !== undefined) totalsRoute(app, context, settings.events)
}

function postRoute(app: FastifyInstance, intake: LateIntake): void {
  app.post<{ Body: Buffer | undefined }>('/events', {
    config: { scope: 'ingest', isReplayable: false },
    validatorCompiler: UNCHECKED,
    schema: {
      tags: ['events'],
      summary: 'Stores one event; the same bytes are stored once',
      description: 'Answers when the event is on disk. After a 503, or no answer, send it again.',
      body: { type: 'object' },
      response: { 201: STORED, 200: REPLAYED, ...ERRORS },
    },
    handler: async ({ body, caller }, reply) => {
      const outcome = await intake.takeOne(body ?? '')
      if (outcome.outcome === 'rejected' || outcome.outcome === 'unavailable') throw problemOf(outcome)
      const isNew = outcome.outcome === 'accepted'
      if (!isNew) reply.header('idempotent-replayed', 'true')
      return reply.status(isNew ? 201 : 200).send(lineOf(outcome, caller))
    },
  })
}

function batchRoute(app: FastifyInstance, intake: LateIntake, { options }: ServerContext): void {
  app.post<{ Body: Readable | undefined }>('/events/batch', {
    config: { scope: 'ingest', isReplayable: false, streamsBody: true },
    validatorCompiler: UNCHECKED,
    schema: {
      tags: ['events'],
      summary: 'Stores events, one a line; answers a line for each, while they come',
      description: 'The last line of a whole answer is `{"_end":true,"count":n}`. Lines are not stored all or nothing.',
      body: { content: { [NDJSON]: { schema: { type: 'string' } } } },
      response: {
        200: { description: 'what became of each', content: { [NDJSON]: { schema: { type: 'string' } } } },
        ...ERRORS,
      },
    },
    handler: async ({ body, headers, caller }, reply) => {
      if (Number(headers['content-length'] ?? 0) > options.uploadBytesMax) throw tooLarge(options.uploadBytesMax)
      const answer = answerLines(intake, body ?? Readable.from([]), { ...options, caller })
      // Told by a status, as long as there is one to tell it by.
      const first = await answer.next()
      return reply.type(NDJSON).send(Readable.from(resumed(first, answer)))
    },
  })
}

async function* answerLines(
  intake: LateIntake,
  body: Readable,
  {
    bodyBytesMax,
    uploadBytesMax,
    caller,
  }: Pick<ServerContext['options'], 'bodyBytesMax' | 'uploadBytesMax'> & Pick<FastifyRequest, 'caller'>,
): AsyncGenerator<string, void, undefined> {
  let count = 0
  let bytes = 0
  for await (const lines of readLines(body, bodyBytesMax)) {
    for (const line of lines) bytes += line?.length ?? 0
    if (bytes > uploadBytesMax) throw tooLarge(uploadBytesMax)
    const outcomes = (await intake.take(lines.filter((line) => line !== undefined))).values()
    const told = lines.map((line): EventLine => {
      const outcome = line === undefined ? undefined : outcomes.next().value
      return outcome === undefined ? tooLongLine(bodyBytesMax) : lineOf(outcome, caller)
    })
    count += told.length
    if (told.length > 0) yield told.map((line) => `${JSON.stringify(line)}\n`).join('')
  }
  yield `${JSON.stringify({ _end: true, count })}\n`
}

async function* resumed<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void, undefined>) {
  if (first.done !== true) yield first.value
  yield* rest
}

function latestRoute(app: FastifyInstance, { cluster }: ServerContext, { into }: EventSettings): void {
  app.get<PageQuery>('/events', {
    config: { scope: 'read' },
    schema: {
      tags: ['events'],
      summary: 'The latest records of the ledger, whichever way they came',
      querystring: { type: 'object', properties: PAGE_QUERY },
      response: { 200: pageOf(LATEST), ...ERRORS },
    },
    handler: async ({ query: { limit, after } }) => {
      const place = after === undefined ? undefined : parseRejectId(after)
      if (after !== undefined && place === undefined) throw notAPlace()
      const lines = await latestLines(cluster, into, { limit, after: place })
      const last = lines.length === limit ? lines.at(-1) : undefined
      return { items: lines.map(latestOf), next: last === undefined ? null : rejectId(last.run, last) }
    },
  })
}

function totalsRoute(app: FastifyInstance, { cluster }: ServerContext, { into, totals }: EventSettings): void {
  if (totals === undefined) return
  const { by, sum } = totals
  app.get<PageQuery>('/events/totals', {
    config: { scope: 'read' },
    schema: {
      tags: ['events'],
      summary: 'Rows counted and added up for each sender, in the order of their names',
      querystring: { type: 'object', properties: PAGE_QUERY },
      response: { 200: TOTALS, ...ERRORS },
    },
    handler: async ({ query: { limit, after } }) => {
      const entity = into as PlacedEntity<Record<string, unknown>>
      const where = after === undefined ? [] : [[by, '>', after] as const]
      const pages = groupPages(cluster, entity, { by: [by], sums: [sum], where, pageRows: limit })
      const { value } = await pages.next()
      const groups = value ?? []
      const items = groups.map(({ key, count, sums }) => ({ key: String(key[by]), count, total: sums[sum] ?? '0' }))
      return { by, sum, items, next: items.length === limit ? (items.at(-1)?.key ?? null) : null }
    },
  })
}

function latestOf({ run, position, outcome, rowId, raw, reasons }: LatestLine) {
  return {
    run,
    position,
    outcome,
    id: rowId ?? null,
    text: rawText(raw.subarray(0, TEXT_MAX * 4), 'utf-8').slice(0, TEXT_MAX),
    codes: reasons.map(({ code }) => code),
  }
}

/** Fastify does not unpack bodies, and what is packed is no JSON. */
function requirePlain({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return
  throw new HttpProblem('TYPE_UNSUPPORTED', `Bodies are taken as they are, not as "${encoding}".`)
}

function notAPlace(): HttpProblem {
  return new HttpProblem('REQUEST_INVALID', '`after` is not the `next` of a page.')
}

function tooLarge(bytesMax: number): HttpProblem {
  return new HttpProblem('BODY_TOO_LARGE', `The body has more than ${bytesMax} bytes.`)
}

function tooLongLine(bytesMax: number): EventLine {
  const detail = `The line has more than ${bytesMax} bytes.`
  return { status: 'rejected', id: null, errors: [{ pointer: '#', code: 'LINE_TOO_LONG', detail }] }
}
