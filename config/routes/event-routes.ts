/** `/ingest`, `/analytics` and `/events` of the fault-tolerant ingestion. `simulateFailure` is the one way to a 500. */
import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { Event } from '../../entities/event.js'
import { groupPages } from '../../src/cluster/read/row-groups.js'
import type { IngestReason } from '../../src/pipeline/ingest/ingest-reason.js'
import { latestLines, type LatestLine } from '../../src/pipeline/ingest/latest-lines.js'
import { recordOutlook } from '../../src/pipeline/ingest/record-outlook.js'
import { rawText } from '../../src/pipeline/ingest/rejects.js'
import type { ServerContext } from '../../src/server/server-context.js'
import { HttpProblem } from '../../src/server/problem.js'
import { ERRORS, MAYBE_TEXT, MAYBE_TIME, TIME } from '../../src/server/schemas.js'
import { otherSystem, TAG } from './other-system.js'
import { readyFor } from './ready-for.js'

/** What the original's `express.json()` took. */
const BODY_BYTES = 100 * 1024
const LATEST = 50
/** Of these the ledger tells what was sent; duplicates and what was refused are among them. */
const LINES = 1_000
const OPTIONS = { into: Event } as const

interface Posted {
  readonly event: unknown
  readonly simulateFailure?: boolean
}

export const eventRoutes = otherSystem(async (app, context) => {
  const { cluster, events: intake } = context
  if (intake === undefined) return
  const ready = readyFor(cluster, [Event])

  app.post<{ Body: Posted }>('/ingest', {
    config: { scope: 'ingest', successor: '/api/v1/events', isReplayable: false },
    bodyLimit: BODY_BYTES,
    // What is wrong with the envelope is a 400 here.
    attachValidation: true,
    schema: {
      tags: [TAG],
      summary: 'Takes an event, once; `simulateFailure` asks for a failure before it is stored',
      body: {
        type: 'object',
        required: ['event'],
        properties: {
          event: { description: 'a JSON object; it is known again by the SHA-256 of its `JSON.stringify`' },
          simulateFailure: { type: 'boolean' },
        },
      },
      response: { 200: REPEATED, 201: STORED, ...ERRORS },
    },
    handler: async ({ body, validationError }, reply) => {
      if (validationError !== undefined) throw new HttpProblem('BODY_INVALID', ENVELOPE)
      const text = textOf(body.event)
      if (body.simulateFailure === true) return failOnPurpose(text, reply)
      const outcome = await intake.takeOne(text)
      switch (outcome.outcome) {
        case 'accepted':
          return reply.status(201).send({ status: 'success', id: Number(outcome.rowId) })
        case 'duplicate':
          return repeated(reply)
        case 'rejected':
          throw refused(outcome.reasons)
        default:
          throw new HttpProblem('UNAVAILABLE', 'The database does not answer. Send the event again; it is stored once.')
      }
    },
  })

  app.get('/analytics', {
    config: { scope: 'read', successor: '/api/v1/events/totals' },
    schema: {
      tags: [TAG],
      summary: 'Events of each client, and what their amounts come to',
      response: { 200: TOTALS, ...ERRORS },
    },
    handler: async () => {
      await ready()
      const totals: object[] = []
      const options = { by: ['client'], sums: ['amount'] } as const
      for await (const page of groupPages(cluster, Event, options))
        for (const { key, count, sums } of page)
          totals.push({ client_id: key.client, count, total_amount: Number(sums.amount) })
      return totals
    },
  })

  app.get('/events', {
    config: { scope: 'read', successor: '/api/v1/events' },
    schema: { tags: [TAG], summary: 'The latest events', response: { 200: LEDGER, ...ERRORS } },
    handler: async () => {
      await ready()
      return latestEvents(context)
    },
  })

  /** A duplicate is told as one, and an event that would be refused too: nothing was to be stored of them. */
  async function failOnPurpose(text: string, reply: FastifyReply) {
    await ready()
    const outlook = await recordOutlook(cluster, text, OPTIONS)
    if (outlook.outcome === 'duplicate') return repeated(reply)
    if (outlook.outcome === 'rejected') throw refused(outlook.reasons)
    throw new HttpProblem('INTERNAL', 'Simulated Internal Server Error')
  }
})

const ENVELOPE = 'Send { "event": { … } } as JSON, and "simulateFailure": true where a failure is wanted.'

/** The text that an event is known again by. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event, finite)
  } catch (error) {
    // What reads JSON goes deeper than what writes it.
    if (error instanceof RangeError) throw new HttpProblem('BODY_INVALID', 'The event is nested too deeply.')
    throw error
  }
}

/** JSON has no such numbers, and would make nothing of them without a word. */
function finite(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new HttpProblem('BODY_INVALID', 'The event has a number that is too large to be read.')
  return value
}

function repeated(reply: FastifyReply) {
  return reply.send({ status: 'success', message: 'Event processed (deduplicated)', deduplicated: true })
}

/** Kept as a reject of its run, unless nothing was to be stored. */
function refused(reasons: readonly IngestReason[]): HttpProblem {
  const errors = reasons.map(({ code, pointer, message, fix }) => {
    return { pointer: `#/event${pointer}`, code, detail: fix === '' ? message : `${message}. ${fix}` }
  })
  return new HttpProblem('BODY_INVALID', 'Normalization failed', { errors })
}

async function latestEvents({ cluster }: ServerContext): Promise<readonly object[]> {
  const events = await cluster.repository(Event).find({ order: { id: 'DESC' }, take: LATEST })
  const lines = await latestLines(cluster, Event, { limit: LINES })
  const stored = lines.filter(({ outcome }) => outcome === 'accepted')
  const lineOf = new Map(stored.map((line) => [line.rowId, line]))
  return events.map((event) => ledgerRow(event, lineOf.get(String(event.id))))
}

function ledgerRow({ id, client, metric, amount, timestamp }: Event, line: LatestLine | undefined) {
  return {
    id,
    event_hash: line === undefined ? null : createHash('sha256').update(line.raw).digest('hex'),
    client_id: client,
    canonical_metric: metric,
    canonical_amount: Number(amount),
    canonical_timestamp: timestamp.toISOString(),
    raw_payload: line === undefined ? null : rawText(line.raw, 'utf-8'),
    status: 'processed',
    // A ledger keeps no time for each record.
    created_at: null,
  }
}

const STATUS = { status: { type: 'string', const: 'success' } } as const
const STORED = {
  description: 'stored',
  type: 'object',
  required: ['status', 'id'],
  properties: { ...STATUS, id: { type: 'integer' } },
} as const
const REPEATED = {
  description: 'stored before',
  type: 'object',
  required: ['status', 'message', 'deduplicated'],
  properties: { ...STATUS, message: { type: 'string' }, deduplicated: { type: 'boolean' } },
} as const
const TOTALS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['client_id', 'count', 'total_amount'],
    properties: { client_id: { type: 'string' }, count: { type: 'integer' }, total_amount: { type: 'number' } },
  },
} as const
const EVENT = {
  id: { type: 'integer' },
  event_hash: { ...MAYBE_TEXT, description: 'SHA-256 of `raw_payload`; null where the ledger has no line of it' },
  client_id: { type: 'string' },
  canonical_metric: { type: 'string' },
  canonical_amount: { type: 'number' },
  canonical_timestamp: TIME,
  raw_payload: MAYBE_TEXT,
  status: { type: 'string' },
  created_at: MAYBE_TIME,
} as const
const LEDGER = {
  type: 'array',
  items: { type: 'object', required: Object.keys(EVENT), properties: EVENT },
} as const
