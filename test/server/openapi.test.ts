import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020'
import { HTTP_CODES } from 'shardyard/src/server/problem'
import { SCOPES } from 'shardyard/src/server/scope'
import type { InjectOptions } from 'fastify'
import { serve, type Ask } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

interface Operation {
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly responses: Readonly<Record<string, object>>
  /** Which scope a key needs; an empty one needs no key. */
  readonly security?: readonly { readonly key?: readonly string[] }[]
}

interface Description {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly tags: readonly { readonly name: string }[]
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** Never ends. */
const STREAMS: ReadonlySet<string> = new Set(['/api/v1/stream'])
const PAGE = readFileSync(join(__dirname, '../../docs/api.md'), 'utf8')

let ask: Ask
let description: Description
beforeAll(async () => {
  ask = (await serve((await openShippedCluster()).cluster, { concurrency: 0 })).ask
  description = (await ask('/openapi.json')).json() as Description
})

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )

test('the description is OpenAPI 3.1 whose schemas are schemas and whose references lead somewhere', () => {
  expect(description.openapi).toMatch(/^3\.1\./)
  const ajv = new Ajv2020({ strict: false })
  const text = JSON.stringify(description)
  for (const [, name = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
    expect(name).toMatch(/^#\/components\/schemas\//)
    expect(Object.keys(description.components.schemas)).toContain(name.split('/').at(-1))
  }
  for (const { path, method, operation } of operations()) {
    for (const schema of schemasIn(operation)) {
      expect([path, method, ajv.validateSchema(schema), ajv.errorsText()]).toEqual([path, method, true, 'No errors'])
    }
  }
})

test('each route says what it does, under which tag, for which scope, and how it fails', () => {
  const tags = description.tags.map(({ name }) => name)
  const all = operations()
  expect(all.length).toBeGreaterThan(20)
  for (const { path, method, operation } of all) {
    const { summary = '', tags: own = [], responses } = operation
    const told = { summary: summary !== '', tags: own.every((tag) => tags.includes(tag)) && own.length === 1 }
    const scope = SCOPES.includes(scopeOf(operation) as never)
    const fails = Object.hasOwn(responses, '4XX') && Object.hasOwn(responses, '5XX')
    expect({ path, method, ...told, scope, fails }).toEqual({
      path,
      method,
      summary: true,
      tags: true,
      scope: true,
      fails: true,
    })
    expect([path, JSON.stringify(operation).includes('"example')]).toEqual([path, false])
  }
})

test('each route answers as it is described to whoever asks it for nothing that is there', async () => {
  for (const { path, method } of operations().filter((one) => !STREAMS.has(one.path))) {
    const url = path.replaceAll(/\{[^}]+\}/g, 'unknown')
    const payload = method === 'GET' || method === 'DELETE' || method === 'HEAD' ? {} : { payload: {} }
    const { statusCode } = await ask({ method, url, ...payload } as InjectOptions)
    // Only what cannot be done now may fail; what a client sends is never to blame for a 500.
    expect([method, url, statusCode < 500 || statusCode === 503]).toEqual([method, url, true])
  }
})

test('docs/api.md has a row for each route', () => {
  const rows = operations()
    .map(({ path, method, operation }) => [method, `\`${path}\``, scopeOf(operation), operation.summary].join(' | '))
    .toSorted()
  expect(rowsUnder('## Routes')).toEqual(rows)
})

test('docs/api.md has a row for each code of an answer', () => {
  const rows = Object.entries(HTTP_CODES).map(([code, status]) => `\`${code}\` | ${status}`)
  const told = rowsUnder('## Codes').map((row) => row.split(' | ').slice(0, 2).join(' | '))
  expect(told).toEqual(rows.toSorted())
})

/** The rows of the first table under a heading, without their heads. */
function rowsUnder(heading: string): string[] {
  const lines = PAGE.slice(PAGE.indexOf(`${heading}\n`)).split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  return lines
    .slice(first + 2, end)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
        .join(' | '),
    )
    .toSorted()
}

const scopeOf = ({ security }: Operation) => (security === undefined ? '' : (security[0]?.key?.[0] ?? 'none'))

/** The schemas of an operation: of its parameters, its body and its answers. */
function schemasIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => (key === 'schema' ? [member as object] : schemasIn(member)))
}
