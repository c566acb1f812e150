/** What is answered where no route is: 405 where other methods have one, else 404. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { withoutKeys } from '../pipeline/keys/key-text.js'
import { HttpProblem, sendProblem } from './problem.js'

/** Comes before all routes, as it hears of each. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    // Where a page is served for every path, that says nothing of which paths there are.
    if (url === '*' || url === '/*') return
    routes.push({ pattern: patternOf(url), methods: [method].flat() })
  })
  const answer = (request: FastifyRequest, reply: FastifyReply): void => {
    const path = request.url.split('?')[0] ?? ''
    const methods = new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods))
    sendProblem(problemOf(request.method, path, [...methods].toSorted()), request, reply)
  }
  app.setNotFoundHandler(answer)
}

function problemOf(method: string, path: string, methods: readonly string[]): HttpProblem {
  const shown = withoutKeys(path).slice(0, 200)
  if (methods.length === 0) return new HttpProblem('NOT_FOUND', `There is nothing at ${method} ${shown}.`)
  const allow = methods.join(', ')
  return new HttpProblem('METHOD_NOT_ALLOWED', `${shown} answers ${allow}, not ${method}.`, { headers: { allow } })
}

/** `/jobs/:id` and `/docs/*` as expressions of one pass. */
function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:[A-Za-z0-9_]+/g, '[^/]+').replace(/\*/g, '.*')}$`)
}
