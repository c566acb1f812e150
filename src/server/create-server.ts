/**
 * The server: a cluster, its jobs and its reports over HTTP.
 *
 * States: opening → serving → stopping → closed
 *   serving   requests are answered; jobs are run, unless others do that
 *   stopping  `readyz` says so; no job is begun; requests and jobs under way may end     {@link Server.close}
 *   closed    nothing is held; the cluster is its owner's, and stays open
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Cluster } from '../cluster/cluster.js'
import { DataVersions } from '../pipeline/cache/data-versions.js'
import { JobFiles } from '../pipeline/jobs/job-files.js'
import { jobHandlers } from '../pipeline/jobs/job-handlers.js'
import type { JobQueue } from '../pipeline/jobs/job-queue.js'
import { JobRunner } from '../pipeline/jobs/job-runner.js'
import { openJobQueue } from '../pipeline/jobs/open-queue.js'
import { AnswerCache } from './cache/answer-cache.js'
import { MemoryStore } from './cache/answer-store.js'
import { RedisStore } from './cache/redis-store.js'
import { Cursors } from './cursor.js'
import { UploadStore } from '../pipeline/uploads/upload-store.js'
import { defineServer, type ServerDefinition } from './define-server.js'
import { LiveHub } from './live/live-hub.js'
import type { ServerContext } from './server-context.js'
import { resolveServerOptions, type ResolvedServerOptions, type ServerOptions } from './server-options.js'

/** A server that was made and is not listening yet. */
export interface Server {
  /** The fastify instance, to add to or to `inject` into. */
  readonly app: FastifyInstance
  readonly context: ServerContext
  /** For an application of your own: `http.createServer(server.handler)`, `express().use(server.handler)`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Listens; answers the address. @defaultValue port 3000, host 127.0.0.1 */
  listen(where?: { readonly port?: number; readonly host?: string }): Promise<string>
  /** Lets what is under way end, then ends it. May be called twice. */
  close(): Promise<void>
}

/**
 * Makes the server of a cluster. It does not listen before `listen`, and does not close the cluster.
 *
 * @throws SY_OPTION_INVALID; SY_QUEUE_DOWN, SY_DATABASE_DOWN when the jobs cannot be reached
 * @example
 * const server = await createServer(cluster)
 * console.log(await server.listen({ port: 3000 }))
 */
export async function createServer(cluster: Cluster, options: ServerOptions = {}): Promise<Server> {
  const resolved = resolveServerOptions(options)
  const queue = await openJobQueue(cluster, { url: resolved.queueUrl })
  const stop = new AbortController()
  const context: ServerContext = {
    cluster,
    queue,
    files: new JobFiles(resolved.folder),
    uploads: new UploadStore({
      folder: join(resolved.folder, 'uploads'),
      bytesMax: resolved.uploadBytesMax,
      freeBytesMin: resolved.freeBytesMin,
    }),
    settings: (cluster.definition.server as ServerDefinition | undefined) ?? defineServer({}),
    options: resolved,
    live: new LiveHub(),
    answers: answersOf(cluster, resolved),
    cursors: new Cursors(resolved.folder),
    stopping: stop.signal,
  }
  try {
    // Whoever imports the library and makes no server loads no web framework.
    const { buildApp } = require('./build-app.js') as typeof import('./build-app.js')
    return serverOf(await buildApp(context), context, stop)
  } catch (error) {
    await Promise.allSettled([queue.close(), context.answers.close()])
    throw error
  }
}

function answersOf(cluster: Cluster, { cache, queueUrl }: ResolvedServerOptions): AnswerCache {
  const versions = new DataVersions(cluster)
  if (cache === 'off') return new AnswerCache(versions, undefined)
  return new AnswerCache(versions, queueUrl === '' ? new MemoryStore() : new RedisStore(queueUrl))
}

function serverOf(app: FastifyInstance, context: ServerContext, stop: AbortController): Server {
  const working = workOf(context)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    stop.abort()
    await Promise.allSettled([app.close(), working])
    await Promise.all([context.queue.close(), context.answers.close()])
  }
  return {
    app,
    context,
    handler: (request, response) => app.routing(request, response),
    listen: async ({ port = 3000, host = '127.0.0.1' } = {}) => app.listen({ port, host }),
    close: () => (closing ??= close()),
  }
}

/** Runs jobs in this process until the server stops. */
async function workOf({ cluster, queue, files, uploads, settings, options, stopping }: ServerContext): Promise<void> {
  if (options.concurrency === 0) return
  const { concurrency, drainMs, config } = options
  const handlers = jobHandlers({ files, uploads, roots: settings.roots, config })
  await new JobRunner(queue as JobQueue, handlers, cluster, {
    concurrency,
    graceMs: drainMs,
    files,
    uploads,
    signal: stopping,
  }).run()
}
