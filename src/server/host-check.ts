/**
 * Who may be talked to, and from where. A page of somebody else's can have the browser of a user talk to a server on
 * the user's own machine or network: by a form or a script (its `Origin` tells), or by a name of its own that it has
 * point here (its `Host` tells). An address cannot be made to point elsewhere, so addresses are let in.
 */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.js'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const ANY = '*'

/** Throws for requests that a browser was tricked into. `hosts` are names that the server goes by; `*` is any. */
export function hostCheck(hosts: readonly string[]): (request: FastifyRequest) => void {
  const names = new Set(hosts.map((host) => host.toLowerCase()))
  // Most requests call it by the same name as the one before.
  let last: string | undefined
  return ({ method, headers }) => {
    const { host = '', origin } = headers
    if (host !== last && !isNamed(names, host)) throw refusedHost(host)
    last = host
    if (SAFE.has(method)) return
    if (origin !== undefined && !isOwn(names, origin, host)) throw refusedOrigin()
    const site = headers['sec-fetch-site']
    if (origin === undefined && (site === 'cross-site' || site === 'same-site')) throw refusedOrigin()
  }
}

/** Whether an address is one that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function isNamed(names: ReadonlySet<string>, host: string): boolean {
  const name = nameOf(host)
  if (name === undefined) return false
  return names.has(ANY) || isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.has(name)
}

/** A page of the server itself; also of one of its names, where a proxy in front of it puts another host in. */
function isOwn(names: ReadonlySet<string>, origin: string, host: string): boolean {
  const at = origin.indexOf('://')
  const authority = at < 0 ? '' : origin.slice(at + 3).toLowerCase()
  if (authority === '') return false
  return authority === host.toLowerCase() || names.has(nameOf(authority) ?? '')
}

/** The name of `name:port` or `[::1]:port`; undefined when it is no such thing. */
function nameOf(authority: string): string | undefined {
  const [, six, four] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(authority.slice(0, 300)) ?? []
  return (six ?? four)?.toLowerCase().replace(/\.$/, '')
}

function refusedHost(host: string): HttpProblem {
  const name = nameOf(host) ?? 'another name'
  return new HttpProblem(
    'HOST_REFUSED',
    `This server does not go by ${name}. If it is to, start it with --allow-host ${nameOf(host) ?? 'NAME'}.`,
  )
}

function refusedOrigin(): HttpProblem {
  return new HttpProblem('ORIGIN_REFUSED', 'Pages of other origins may change nothing here.')
}
