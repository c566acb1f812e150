/** The web application of a server: how it is set up, and which routes it has. */
import { randomUUID } from 'node:crypto'
import fastify, { LogController, type FastifyInstance, type FastifyReply } from 'fastify'
import { Registry } from 'prom-client'
import { answerClientError } from './client-error.js'
import { logAnswers, safeLogger } from './logging.js'
import { replayPosts } from './idempotency.js'
import { describeApi } from './openapi.js'
import { sendProblem } from './problem.js'
import { dashboardRoutes } from './routes/dashboard-routes.js'
import { databaseFault } from './database-fault.js'
import { clusterRoutes } from './routes/cluster-routes.js'
import { entityRoutes } from './routes/entity-routes.js'
import { eventRoutes } from './routes/event-routes.js'
import { faultRoutes } from './routes/fault-routes.js'
import { healthRoutes } from './routes/health-routes.js'
import { ingestionRoutes } from './routes/ingestion-routes.js'
import { jobRoutes } from './routes/job-routes.js'
import { meRoutes } from './routes/me-routes.js'
import { metricsRoutes } from './routes/metrics-routes.js'
import { attendRequests } from './request-hooks.js'
import { reportRoutes } from './routes/report-routes.js'
import { runRoutes } from './routes/run-routes.js'
import { summaryRoutes } from './routes/summary-routes.js'
import { traceRoutes } from './routes/trace-routes.js'
import { backgroundRoutes } from './routes/background-routes.js'
import { streamRoutes } from './routes/stream-routes.js'
import { rejectRoutes } from './routes/reject-routes.js'
import { simulationRoutes } from './routes/simulation-routes.js'
import { uploadRoutes } from './routes/upload-routes.js'
import { PROBLEM } from './schemas.js'
import './scope.js'
import type { ServerContext } from './server-context.js'
import { answerUnknownRoutes } from './unknown-route.js'
import { serializerFactory } from './serializers.js'
import { validatorFactory } from './validators.js'

/** The routes of the API, each group a file. */
const API_ROUTES = [
  meRoutes,
  jobRoutes,
  clusterRoutes,
  summaryRoutes,
  runRoutes,
  traceRoutes,
  reportRoutes,
  entityRoutes,
  uploadRoutes,
  ingestionRoutes,
  rejectRoutes,
  simulationRoutes,
  eventRoutes,
  faultRoutes,
  streamRoutes,
  backgroundRoutes,
]

/** How long headers may take to come in. */
const HEADERS_MS = 15_000
const HEADER_BYTES_MAX = 16_384

/** Makes the application, ready to be asked. */
export async function buildApp(context: ServerContext): Promise<FastifyInstance> {
  const app = newApp(context)
  app.server.maxConnections = context.options.connectionsMax
  // An idle connection is closed by `connectionTimeout`, which takes no timer for each request. Fastify knows no 0.
  app.server.keepAliveTimeout = 0
  // Two servers of one process have each their own.
  const registry = new Registry()
  attendRequests(app, context, registry)
  answerUnknownRoutes(app)
  if (context.options.logger !== false) logAnswers(app)
  app.addSchema(PROBLEM)
  await describeApi(app)
  await metricsRoutes(app, context, registry)
  await healthRoutes(app, context)
  await dashboardRoutes(app)
  await app.register(
    async (api) => {
      replayPosts(api, context)
      for (const routes of API_ROUTES) await routes(api, context)
    },
    { prefix: '/api/v1' },
  )
  for (const load of context.settings.routes) await (await load())(app, context)
  await app.ready()
  return app
}

/** Ids in the form of UUIDs: by chance for the server, and counted from request to request. */
function requestIds(): () => string {
  const server = randomUUID().slice(0, 24)
  let count = 0
  return () => `${server}${(count++).toString(16).padStart(12, '0')}`
}

function newApp({ cluster, options: { bodyBytesMax, requestMs, logger } }: ServerContext): FastifyInstance {
  const app = fastify({
    logger: safeLogger(logger) ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    // A body has its own limits (`limitBodyTime`); a large upload may take hours, as long as it goes on.
    requestTimeout: 0,
    connectionTimeout: 2 * requestMs,
    forceCloseConnections: 'idle',
    http: {
      headersTimeout: Math.min(HEADERS_MS, requestMs),
      connectionsCheckingInterval: Math.min(HEADERS_MS, requestMs) / 3,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    exposeHeadRoutes: true,
    genReqId: requestIds(),
    requestIdHeader: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply as FastifyReply),
  })
  app.setSchemaController({
    compilersFactory: { buildValidator: validatorFactory() as never, buildSerializer: serializerFactory() as never },
  })
  app.setErrorHandler((error, request, reply) => sendProblem(databaseFault(cluster, error) ?? error, request, reply))
  return app
}
