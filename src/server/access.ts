/**
 * Who may ask for what. Each request passes, in this order: the check of its host and origin, the limit of its client,
 * the check of its key. A route says in its config which scope it asks for; the server does not start with one that
 * says none.
 */
import type { FastifyContextConfig, FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { KeyRing } from '../pipeline/keys/key-ring.js'
import { withoutKeys } from '../pipeline/keys/key-text.js'
import { KEY_SCOPES, type KeyScope } from '../pipeline/keys/keys.js'
import { hostCheck } from './host-check.js'
import { HttpProblem } from './problem.js'
import { clientOf, RateLimit } from './rate-limit.js'
import { SCOPES, type Caller } from './scope.js'
import type { ServerContext } from './server-context.js'

/** Without keys everybody who gets here may do everything. */
const ANYONE: Caller = { id: 'anyone', scopes: KEY_SCOPES }
const WRONG_KEYS_PER_MINUTE = 60
const BEARER = /^Bearer +(\S+) *$/i

/** Checks the keys of requests. */
export class Access {
  readonly #keys: KeyRing
  readonly #isAlways: boolean
  /** Of each address: those who guess are stopped soon. */
  readonly #wrongKeys = new RateLimit(WRONG_KEYS_PER_MINUTE)

  constructor(keys: KeyRing, mode: 'always' | 'when-made') {
    this.#keys = keys
    this.#isAlways = mode === 'always'
  }

  /** Whether a request without a key is refused. */
  async needsKey(): Promise<boolean> {
    return this.#isAlways || this.#keys.isAnyMade()
  }

  /** Who makes a request; undefined without a key where one is needed. @throws HttpProblem KEY_UNKNOWN */
  async callerOf(request: FastifyRequest): Promise<Caller | undefined> {
    const text = keyOf(request)
    if (!(await this.needsKey())) return ANYONE
    if (text === undefined) return undefined
    const key = await this.#keys.check(text)
    if (key !== undefined) return key
    this.#wrongKeys.take(clientOf(request.ip), 1)
    throw unauthorized('KEY_UNKNOWN', 'The key is unknown, revoked or expired. "shardyard keys" lists those there are.')
  }

  /** The caller, when that is known at once. */
  callerAtOnce(): Caller | undefined {
    return !this.#isAlways && this.#keys.isKnownEmpty ? ANYONE : undefined
  }

  /** @throws HttpProblem KEY_MISSING, KEY_UNKNOWN, SCOPE_MISSING */
  async require(request: FastifyRequest, scope: KeyScope): Promise<Caller> {
    const caller = await this.callerOf(request)
    if (caller === undefined)
      throw unauthorized('KEY_MISSING', 'Send a key: "Authorization: Bearer KEY", or "X-API-Key: KEY".')
    if (caller.scopes.includes(scope)) return caller
    throw new HttpProblem('SCOPE_MISSING', `The key "${caller.id}" is not for this: it needs the scope "${scope}".`)
  }
}

/** The checks of every request, which answer what there is to wait for; comes before all routes. */
export function guardRoutes(
  app: FastifyInstance,
  access: Access,
  { options }: ServerContext,
): (request: FastifyRequest, config: FastifyContextConfig) => Promise<void> | undefined {
  const routes: RouteOptions[] = []
  const check = hostCheck(options.hosts)
  const limit = new RateLimit(options.requestsPerMinute)
  app.decorateRequest('caller', undefined)
  app.addHook('onRoute', (route) => void routes.push(route))
  app.addHook('onReady', async () => requireScopes(routes))
  const admit = (request: FastifyRequest, cost: number, caller: Caller | undefined): void => {
    limit.take(caller === undefined || caller === ANYONE ? clientOf(request.ip) : caller.id, cost)
    request.caller = caller
  }
  const admitByKey = async (request: FastifyRequest, scope: KeyScope, cost: number): Promise<void> => {
    let caller: Caller
    try {
      caller = await access.require(request, scope)
    } catch (error) {
      limit.take(clientOf(request.ip), 1)
      throw error
    }
    admit(request, cost, caller)
  }
  return (request, { scope = 'admin', cost = 1 }) => {
    check(request)
    refuseKeyInUrl(request.url)
    const atOnce = access.callerAtOnce()
    if (scope !== 'none' && atOnce === undefined) return admitByKey(request, scope, cost)
    admit(request, cost, atOnce)
    return undefined
  }
}

function requireScopes(routes: readonly RouteOptions[]): void {
  const unscoped = routes
    .filter(({ config }) => config?.scope === undefined || !SCOPES.includes(config.scope))
    .map(({ method, url }) => `${String(method)} ${url}`)
  if (unscoped.length === 0) return
  throw new Error(`Each route says in its config which scope it asks for; these do not: ${unscoped.join(', ')}.`)
}

/** The key of a request: of one header, never of the URL, which is kept in logs and histories. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const { authorization } = headers
  const own = headers['x-api-key']
  if (authorization === undefined) return typeof own === 'string' ? own : undefined
  if (own !== undefined) throw new HttpProblem('REQUEST_INVALID', 'Send the key in one header, not in two.')
  return BEARER.exec(authorization.slice(0, 1_000))?.[1] ?? authorization
}

function refuseKeyInUrl(url: string): void {
  if (url.includes('sy_') && withoutKeys(url) !== url)
    throw new HttpProblem('REQUEST_INVALID', 'A key does not belong into a URL, where logs keep it. Revoke this one.')
}

function unauthorized(code: 'KEY_MISSING' | 'KEY_UNKNOWN', detail: string): HttpProblem {
  return new HttpProblem(code, detail, { headers: { 'www-authenticate': 'Bearer' } })
}

/** The access to a cluster's server. */
export function accessOf({ cluster, options }: Pick<ServerContext, 'cluster' | 'options'>): Access {
  return new Access(new KeyRing(cluster), options.keys)
}
