import type { Cluster } from '../cluster/cluster.js'
import type { JobFiles } from '../pipeline/jobs/job-files.js'
import type { JobQueue } from '../pipeline/jobs/job-queue.js'
import type { AnswerCache } from './cache/answer-cache.js'
import type { Cursors } from './cursor.js'
import type { UploadStore } from '../pipeline/uploads/upload-store.js'
import type { ServerDefinition } from './define-server.js'
import type { LiveHub } from './live/live-hub.js'
import type { ResolvedServerOptions } from './server-options.js'

/** What routes work with. Opened by `createServer`, closed by it. */
export interface ServerContext {
  readonly cluster: Cluster
  readonly queue: JobQueue
  readonly files: JobFiles
  readonly uploads: UploadStore
  readonly settings: ServerDefinition
  readonly options: ResolvedServerOptions
  /** What goes on, for those who watch. */
  readonly live: LiveHub
  /** Answers that are told again while nothing has changed. */
  readonly answers: AnswerCache
  readonly cursors: Cursors
  /** Aborts when the server is to stop: nothing new is begun. */
  readonly stopping: AbortSignal
}
