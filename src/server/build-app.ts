/** The web application of a server: how it is set up, and which routes it has. */
import { randomUUID } from 'node:crypto'
import fastify, { type FastifyInstance } from 'fastify'
import { describeApi } from './openapi.js'
import { HttpProblem, sendProblem } from './problem.js'
import { dashboardRoutes } from './routes/dashboard-routes.js'
import { healthRoutes } from './routes/health-routes.js'
import { jobRoutes } from './routes/job-routes.js'
import { PROBLEM } from './schemas.js'
import './scope.js'
import type { ServerContext } from './server-context.js'
import type { ResolvedServerOptions } from './server-options.js'
import { validatorsFor } from './validators.js'

/** The routes of the API, each group a file. */
const API_ROUTES = [jobRoutes]

/** Makes the application, ready to be asked. */
export async function buildApp(context: ServerContext): Promise<FastifyInstance> {
  const app = newApp(context.options)
  app.addSchema(PROBLEM)
  await describeApi(app)
  await healthRoutes(app, context)
  await dashboardRoutes(app)
  await app.register(
    async (api) => {
      for (const routes of API_ROUTES) await routes(api, context)
    },
    { prefix: '/api/v1' },
  )
  for (const load of context.settings.routes) await (await load())(app, context)
  await app.ready()
  return app
}

function newApp({ bodyBytesMax, requestMs, logger }: ResolvedServerOptions): FastifyInstance {
  const app = fastify({
    logger,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMs,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
  })
  app.setSchemaController({
    compilersFactory: { buildValidator: validatorsFor as never },
  })
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request, reply) => {
    sendProblem(
      new HttpProblem('NOT_FOUND', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`),
      request,
      reply,
    )
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  return app
}
