/** JSON schemas that routes share. A member that a schema does not name is not sent: a schema is the contract. */

export const TIME = { type: 'string', format: 'date-time', description: 'RFC 3339, UTC' } as const
export const MAYBE_TIME = { ...TIME, type: ['string', 'null'] } as const
export const MAYBE_TEXT = { type: ['string', 'null'] } as const
export const MAYBE_NUMBER = { type: ['number', 'null'] } as const
export const COUNT = { type: 'integer', minimum: 0 } as const

/** An answer that is an error. */
export const PROBLEM = {
  $id: 'Problem',
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what happened, and what to do next' },
    instance: { type: 'string' },
    code: { type: 'string', description: 'stable; branch on this' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'detail'],
        properties: { pointer: { type: 'string' }, code: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
} as const

/** Answers that every route may give. */
export const ERRORS = {
  '4xx': { description: 'refused', content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } },
  '5xx': { description: 'failed', content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } },
} as const

/** The query of a list. */
export const PAGE_QUERY = {
  limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 50 },
  after: { type: 'string', maxLength: 500, description: 'the `next` of the page before' },
} as const

/** A page of a list; `next` is null on the last one. */
export function pageOf<const Item extends object>(items: Item) {
  return {
    type: 'object',
    required: ['items', 'next'],
    properties: { items: { type: 'array', items }, next: MAYBE_TEXT },
  } as const
}
