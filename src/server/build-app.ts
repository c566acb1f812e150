/** The web application of a server: how it is set up, and which routes it has. */
import { randomUUID } from 'node:crypto'
import fastify, { type FastifyInstance } from 'fastify'
import { describeApi } from './openapi.js'
import { HttpProblem, sendProblem } from './problem.js'
import { databaseFault } from './database-fault.js'
import { clusterRoutes } from './routes/cluster-routes.js'
import { entityRoutes } from './routes/entity-routes.js'
import { healthRoutes } from './routes/health-routes.js'
import { jobRoutes } from './routes/job-routes.js'
import { reportRoutes } from './routes/report-routes.js'
import { runRoutes } from './routes/run-routes.js'
import { summaryRoutes } from './routes/summary-routes.js'
import { traceRoutes } from './routes/trace-routes.js'
import { PROBLEM } from './schemas.js'
import './scope.js'
import type { ServerContext } from './server-context.js'
import { validatorFactory } from './validators.js'

/** The routes of the API, each group a file. */
const API_ROUTES = [jobRoutes, clusterRoutes, summaryRoutes, runRoutes, traceRoutes, reportRoutes, entityRoutes]

/** Makes the application, ready to be asked. */
export async function buildApp(context: ServerContext): Promise<FastifyInstance> {
  const app = newApp(context)
  app.addSchema(PROBLEM)
  await describeApi(app)
  await healthRoutes(app, context)
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

function newApp({ cluster, options: { bodyBytesMax, requestMs, logger } }: ServerContext): FastifyInstance {
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
    compilersFactory: { buildValidator: validatorFactory() as never },
  })
  app.setErrorHandler((error, request, reply) => sendProblem(databaseFault(cluster, error) ?? error, request, reply))
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
