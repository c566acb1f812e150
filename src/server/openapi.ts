/** The description of the API, made from the schemas of its routes: `/openapi.json`, and pages to try it at `/docs`. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import type { Scope } from './scope.js'
import { PAGE_POLICY } from './security-headers.js'

const { version } = require('../../../package.json') as { version: string }

const TAGS = {
  loads: 'Uploads, ingestions and what was refused',
  events: 'Single records',
  reports: 'Reports',
  jobs: 'Work in the background',
  entities: 'Rows of placed entities',
  cluster: 'Databases, placement, runs',
  server: 'The server itself',
  'other systems': 'Routes of systems whose work an installation has taken over',
}

/** Swagger UI writes styles into its page. */
const DOCS_POLICY = PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

/** Comes before all routes. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'shardyard', description: 'One store over many databases.', version },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url, route }) => ({ url, schema: withScope(schema, route.config?.scope ?? 'admin') }),
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json['$id'] ?? `def-${index}`) },
  })
  await app.register(async (docs) => {
    // Its own routes say no scope; they tell what the description tells.
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'none' }
    })
    await docs.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_POLICY })
  })
  app.get('/openapi.json', { config: { scope: 'none' }, schema: { hide: true } }, () => app.swagger())
}

/** Says of a route which scope its key needs. */
function withScope(schema: FastifySchema | undefined, scope: Scope): FastifySchema {
  if (scope === 'none') return { ...schema, security: [{}] }
  return { ...schema, security: [{ key: [scope] }] }
}
