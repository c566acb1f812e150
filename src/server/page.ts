/** Lists as pages. */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A page of a list, with `Link: rel="next"` where another one follows. */
export function pageJson<Item>(request: FastifyRequest, reply: FastifyReply, items: readonly Item[], next?: string) {
  if (next !== undefined) {
    const url = new URL(request.url, 'http://localhost')
    url.searchParams.set('after', next)
    reply.header('link', `<${url.pathname}${url.search}>; rel="next"`)
  }
  return { items, next: next ?? null }
}
