import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { names } from './entity-json.js'

/** Answers with what is told and its ETag; with 304 alone when the client has just that. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, body: object): FastifyReply {
  const tag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22)}"`
  reply.header('etag', tag).header('cache-control', 'no-cache')
  const isKnown = names(request.headers['if-none-match'], tag, { isWeak: true })
  return isKnown ? reply.status(304).send() : reply.send(body)
}
