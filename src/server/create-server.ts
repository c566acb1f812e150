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
import { nameOf } from '../cluster/entity.js'
import { LateIntake } from '../pipeline/ingest/late-intake.js'
import { JobFiles } from '../pipeline/jobs/job-files.js'
import { jobHandlers } from '../pipeline/jobs/job-handlers.js'
import type { JobQueue } from '../pipeline/jobs/job-queue.js'
import { JobRunner } from '../pipeline/jobs/job-runner.js'
import { openJobQueue } from '../pipeline/jobs/open-queue.js'
import { within } from '../util/sleep.js'
import { accessOf, type Access } from './access.js'
import { AnswerCache } from './cache/answer-cache.js'
import { MemoryStore } from './cache/answer-store.js'
import { RedisStore } from './cache/redis-store.js'
import { Cursors } from './cursor.js'
import { Consumers } from './consumers.js'
import { resolveRoots } from '../pipeline/uploads/roots.js'
import { UploadStore } from '../pipeline/uploads/upload-store.js'
import { defineServer, type ServerDefinition } from './define-server.js'
import { FaultSwitch } from './faults/fault-switch.js'
import { LiveHub } from './live/live-hub.js'
import { ShardyardError } from '../errors.js'
import { isLoopback } from './host-check.js'
import { Schedules } from './schedules.js'
import type { ServerContext } from './server-context.js'
import { resolveServerOptions, type ResolvedServerOptions, type ServerOptions } from './server-options.js'

/** A server that was made and is not listening yet. */
export interface Server {
  /** The fastify instance, to add to or to `inject` into. */
  readonly app: FastifyInstance
  readonly context: ServerContext
  /** For an application of your own: `http.createServer(server.handler)`, `express().use(server.handler)`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /**
   * Listens; answers the address. Where others than this machine can reach it, a key has to be made first.
   *
   * @defaultValue port 3000, host 127.0.0.1
   * @throws SY_OPTION_INVALID
   */
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
  const settings = (cluster.definition.server as ServerDefinition | undefined) ?? defineServer({})
  const live = new LiveHub()
  const faults = new FaultSwitch({ mayFail: resolved.mayFail, live })
  const { environment } = resolved
  const consumers = new Consumers(cluster, settings.consumers, { environment, faults: faults.given })
  const schedules = new Schedules(cluster, settings.schedules, resolved)
  const queue = await openJobQueue(cluster, { url: resolved.queueUrl })
  const stop = new AbortController()
  const context: ServerContext = {
    cluster,
    queue,
    files: new JobFiles(resolved.folder),
    settings,
    roots: resolveRoots(settings.roots, resolved.environment),
    consumers,
    schedules,
    uploads: new UploadStore({
      folder: join(resolved.folder, 'uploads'),
      bytesMax: resolved.uploadBytesMax,
      freeBytesMin: resolved.freeBytesMin,
    }),
    options: resolved,
    access: accessOf({ cluster, options: resolved }),
    answers: answersOf(cluster, resolved),
    cursors: new Cursors(resolved.folder),
    events: intakeOf(cluster, settings, faults),
    faults,
    live,
    stopping: stop.signal,
  }
  try {
    // Whoever imports the library and makes no server loads no web framework.
    const { buildApp } = require('./build-app.js') as typeof import('./build-app.js')
    return serverOf(await buildApp(context), context, stop)
  } catch (error) {
    // What routes have begun, as the watch of the live stream, ends with it.
    stop.abort()
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
  const onTrouble = (sentence: string) => app.log.warn(sentence)
  const { consumers, schedules, queue, stopping: signal } = context
  const working = [workOf(context), consumers.run(signal, onTrouble), schedules.run(queue, { signal, onTrouble })]
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    stop.abort()
    // Requests are answered while jobs end: whoever asks `readyz` has time to hear that no more are to be sent.
    await Promise.allSettled(working)
    await within(app.close(), context.options.drainMs)
    app.server.closeAllConnections()
    context.faults.close()
    await context.events?.close()
    await Promise.all([context.queue.close(), context.answers.close()])
  }
  return {
    app,
    context,
    handler: (request, response) => app.routing(request, response),
    listen: (where = {}) => listen(app, context, where),
    close: () => (closing ??= close()),
  }
}

/** How long those who post an event wait for a database that is down. */
const EVENT_WAIT_MS = 2_000

function intakeOf(cluster: Cluster, { events }: ServerDefinition, faults: FaultSwitch): LateIntake | undefined {
  if (events === undefined) return undefined
  const { totals: _totals, into, ...options } = events
  return new LateIntake(cluster, { ...options, into: nameOf(into), waitMs: EVENT_WAIT_MS, faults: faults.given })
}

/**
 * Makes sure that a server that others can reach asks for keys; asked before it is made, whose jobs begin with it.
 *
 * @throws SY_OPTION_INVALID
 */
export async function requireKeyAt(
  host: string,
  cluster: Cluster,
  options: Pick<ServerOptions, 'keys'>,
): Promise<void> {
  await requireKey(host, accessOf({ cluster, options: resolveServerOptions(options) }))
}

async function requireKey(host: string, access: Access): Promise<void> {
  if (isLoopback(host) || (await access.needsKey())) return
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `At ${host} others could reach the server, and nobody would be asked for a key. Make one first: ` +
      '"shardyard keys create NAME --scope read --scope ingest --scope admin"; or listen on 127.0.0.1.',
    { details: { option: 'host' } },
  )
}

async function listen(
  app: FastifyInstance,
  { access }: ServerContext,
  { port = 3000, host = '127.0.0.1' }: { readonly port?: number; readonly host?: string },
): Promise<string> {
  await requireKey(host, access)
  try {
    return await app.listen({ port, host })
  } catch (cause) {
    throw cannotListen(cause as NodeJS.ErrnoException, port, host)
  }
}

function cannotListen(cause: NodeJS.ErrnoException, port: number, host: string): unknown {
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} of ${host} is taken by another program. End it, or choose another port.`,
    EADDRNOTAVAIL: `This machine has no address "${host}" to listen on.`,
    ENOTFOUND: `There is no host "${host}" to listen on.`,
    EAI_AGAIN: `The host "${host}" cannot be looked up now.`,
    EACCES: `Port ${port} needs rights that this process does not have. Choose one from 1024 on.`,
  }
  const sentence = sentences[cause.code ?? '']
  return sentence === undefined ? cause : new ShardyardError('SY_OPTION_INVALID', sentence, { cause })
}

/** Runs jobs in this process until the server stops. */
async function workOf(context: ServerContext): Promise<void> {
  const { cluster, queue, files, uploads, roots, options, stopping } = context
  if (options.concurrency === 0) return
  const { concurrency, drainMs, config } = options
  const handlers = jobHandlers({
    queue,
    files,
    uploads,
    roots,
    config,
    faults: context.faults.given,
  })
  await new JobRunner(queue as JobQueue, handlers, cluster, {
    concurrency,
    graceMs: drainMs,
    files,
    uploads,
    signal: stopping,
  }).run()
}
