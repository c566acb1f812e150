import type { Cluster } from '../cluster/cluster.js'
import type { LateIntake } from '../pipeline/ingest/late-intake.js'
import type { JobFiles } from '../pipeline/jobs/job-files.js'
import type { JobQueue } from '../pipeline/jobs/job-queue.js'
import type { Access } from './access.js'
import type { AnswerCache } from './cache/answer-cache.js'
import type { Cursors } from './cursor.js'
import type { Consumers } from './consumers.js'
import type { Roots } from '../pipeline/uploads/rooted-file.js'
import type { UploadStore } from '../pipeline/uploads/upload-store.js'
import type { ServerDefinition } from './define-server.js'
import type { FaultSwitch } from './faults/fault-switch.js'
import type { LiveHub } from './live/live-hub.js'
import type { Schedules } from './schedules.js'
import type { ResolvedServerOptions } from './server-options.js'

/** What routes work with. Opened by `createServer`, closed by it. */
export interface ServerContext {
  readonly cluster: Cluster
  readonly queue: JobQueue
  readonly files: JobFiles
  readonly uploads: UploadStore
  readonly settings: ServerDefinition
  /** Folders, by name, that files may be ingested from. */
  readonly roots: Roots
  /** The topics that are read while the server runs. */
  readonly consumers: Consumers
  /** The work that the clock begins. */
  readonly schedules: Schedules
  readonly options: ResolvedServerOptions
  /** Takes single records; undefined when the settings name no entity of events. */
  readonly events: LateIntake | undefined
  /** What fails on purpose; ingestions of this process take `faults.given`. */
  readonly faults: FaultSwitch
  /** Who may ask for what. */
  readonly access: Access
  /** What goes on, for those who watch. */
  readonly live: LiveHub
  /** Answers that are told again while nothing has changed. */
  readonly answers: AnswerCache
  readonly cursors: Cursors
  /** Aborts when the server is to stop: nothing new is begun. */
  readonly stopping: AbortSignal
}
