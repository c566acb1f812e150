/** A server on a cluster of its own, asked without a network; every answer is held against the API's own description. */
import { Ajv2020 } from 'ajv/dist/2020'
import addFormats from 'ajv-formats'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Cluster, Server, ServerOptions } from 'shardyard'
import { createServer } from 'shardyard'
import { removeAtEnd } from './cleanup'
import { tempFolder } from './temp'

interface Operation {
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>>
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Asks a server; an answer that its description does not allow is an error. */
export type Ask = (request: InjectOptions | string) => Promise<LightMyRequestResponse>

/** A server that is closed when the test ends. */
export async function serve(cluster: Cluster, options: ServerOptions = {}): Promise<{ server: Server; ask: Ask }> {
  const server = await createServer(cluster, { folder: await tempFolder('server'), ...options })
  removeAtEnd(() => server.close())
  return { server, ask: askerOf(server) }
}

/** How a server is asked. */
export function askerOf(server: Server): Ask {
  const description = server.app.swagger() as unknown as Description
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(description, 'api')
  return async (request) => {
    const response = await server.app.inject(request)
    const { method = 'GET', url = '' } = typeof request === 'string' ? { url: request } : request
    hold(response, { description, ajv, method: method.toLowerCase(), path: String(url).split('?')[0] ?? '' })
    return response
  }
}

interface Held {
  readonly description: Description
  readonly ajv: Ajv2020
  readonly method: string
  readonly path: string
}

function hold(response: LightMyRequestResponse, { description, ajv, method, path }: Held): void {
  const found = Object.keys(description.paths)
    .filter((template) => patternOf(template).test(path))
    .toSorted((one, other) => one.split('{').length - other.split('{').length)[0]
  const responses = found === undefined ? undefined : description.paths[found]?.[method]?.responses
  if (found === undefined || responses === undefined) return
  const { statusCode } = response
  const key = [String(statusCode), `${Math.floor(statusCode / 100)}XX`].find((one) => Object.hasOwn(responses, one))
  if (key === undefined)
    throw new Error(`${method} ${found} does not describe the status ${statusCode}: ${response.body}`)
  const type = String(response.headers['content-type'] ?? '').split(';')[0] ?? ''
  const content = responses[key]?.content
  // A range is no whole document.
  if (content === undefined || response.body === '' || statusCode === 206) return
  if (!Object.hasOwn(content, type)) throw new Error(`${method} ${found} ${statusCode} does not describe ${type}.`)
  if (!/[/+]json$/.test(type) || content[type]?.schema === undefined) return
  const pointer = ['paths', found, method, 'responses', key, 'content', type, 'schema'].map(escaped).join('/')
  const validate = ajv.getSchema(`api#/${pointer}`)
  if (validate === undefined) throw new Error(`There is no schema at ${pointer}.`)
  if (validate(response.json())) return
  throw new Error(`${method} ${found} ${statusCode} differs from its description: ${ajv.errorsText(validate.errors)}`)
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`)
}

/** A part of a JSON pointer in a URI fragment. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
