import type { FastifyReply, FastifyRequest } from 'fastify'

/** Nothing is guessed to be something else than it says: what a change is answered with is data, and stays that. */
const OF_CHANGES = { 'x-content-type-options': 'nosniff' }

/**
 * What is read may be opened as a page: it is not to be run, framed, kept, embedded elsewhere, or lead on to other
 * pages. A route that answers with a page says its own `content-security-policy`.
 */
const OF_READS = {
  ...OF_CHANGES,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
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
  reply.headers(request.method === 'GET' || request.method === 'HEAD' ? OF_READS : OF_CHANGES)
  reply.header('x-request-id', request.id)
}
