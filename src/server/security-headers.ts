import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * What a browser is told of every answer; a route that answers with a page says its own `content-security-policy`.
 * Nothing of the API is to be run, framed, guessed to be something else, or read by pages of others.
 */
const OF_ALL = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'x-content-type-options': 'nosniff',
}

/** Only what is got is kept, embedded elsewhere, or leads on to other pages. */
const OF_READS = {
  ...OF_ALL,
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'private, no-cache',
}

/** For pages made of files of the server itself: scripts and styles from here only, no plug-ins, nobody's frame. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "frame-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Sets them for an answer, whatever becomes of it. */
export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(request.method === 'GET' || request.method === 'HEAD' ? OF_READS : OF_ALL)
  reply.header('x-request-id', request.id)
}
