import type { FastifyInstance } from 'fastify'
import { FAULT_POINTS } from '../../pipeline/bulk/fault-points.js'
import { ERRORS, TIME } from '../schemas.js'
import type { ServerContext } from '../server-context.js'

const FAULTS = {
  type: 'object',
  required: ['mayFail', 'points', 'items'],
  properties: {
    mayFail: { type: 'boolean' },
    points: {
      type: 'array',
      items: {
        type: 'object',
        required: ['point', 'describe'],
        properties: { point: { type: 'string' }, describe: { type: 'string' } },
      },
    },
    items: {
      type: 'array',
      description: 'the points that fail now',
      items: {
        type: 'object',
        required: ['point', 'action', 'share', 'until'],
        properties: {
          point: { type: 'string' },
          action: { const: 'unavailable' },
          share: { type: 'integer', minimum: 1, maximum: 100, description: 'out of 100' },
          until: TIME,
        },
      },
    },
  },
} as const

const PARAMS = { type: 'object', properties: { point: { type: 'string', maxLength: 40 } } } as const

const FAULT = {
  type: 'object',
  required: ['action'],
  additionalProperties: false,
  properties: {
    action: { const: 'unavailable' },
    share: { type: 'integer', minimum: 1, maximum: 100, default: 100 },
    seconds: { type: 'integer', minimum: 1, maximum: 3_600, default: 60 },
  },
} as const

interface FaultRequest {
  readonly Params: { readonly point: string }
  readonly Body: { readonly share: number; readonly seconds: number }
}

/** `/faults`: databases that are lost on purpose, to see what the rest does then. */
export async function faultRoutes(app: FastifyInstance, { faults }: ServerContext): Promise<void> {
  const told = () => ({ mayFail: faults.mayFail, points: FAULT_POINTS, items: faults.list() })
  app.get('/faults', {
    config: { scope: 'read' },
    schema: { tags: ['server'], summary: 'What fails on purpose now', response: { 200: FAULTS, ...ERRORS } },
    handler: async () => told(),
  })
  app.put<FaultRequest>('/faults/:point', {
    config: { scope: 'faults' },
    schema: {
      tags: ['server'],
      summary: 'Makes a point fail for a while, in events and in the ingestions of this process',
      params: PARAMS,
      body: FAULT,
      response: { 200: FAULTS, ...ERRORS },
    },
    handler: async ({ params, body, log }) => {
      faults.set(params.point, body)
      log.warn({ point: params.point, share: body.share, seconds: body.seconds }, 'a fault is switched on')
      return told()
    },
  })
  app.delete<Pick<FaultRequest, 'Params'>>('/faults/:point', {
    config: { scope: 'faults' },
    schema: {
      tags: ['server'],
      summary: 'Lets a point work again',
      params: PARAMS,
      response: { 204: { type: 'null', description: 'It works.' }, ...ERRORS },
    },
    handler: async ({ params, log }, reply) => {
      faults.clear(params.point)
      log.warn({ point: params.point }, 'a fault is switched off')
      return reply.status(204).send()
    },
  })
}
