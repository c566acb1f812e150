import { join } from 'node:path'
import type { Cluster } from '../../src/cluster/cluster.js'
import { JobFiles } from '../../src/pipeline/jobs/job-files.js'
import type { JobQueue } from '../../src/pipeline/jobs/job-queue.js'
import { openJobQueue } from '../../src/pipeline/jobs/open-queue.js'
import { migrateControl } from './migrate-control.js'
import type { Roots } from '../../src/pipeline/uploads/rooted-file.js'
import { resolveRoots } from '../../src/pipeline/uploads/roots.js'
import { UploadStore } from '../../src/pipeline/uploads/upload-store.js'
import type { ServerDefinition } from '../../src/server/define-server.js'
import { withCluster, type CommandContext } from './with-cluster.js'

/** What a command that works with jobs has beside the cluster. */
export interface QueueContext extends CommandContext {
  readonly cluster: Cluster
  readonly queue: JobQueue
  readonly files: JobFiles
  readonly uploads: UploadStore
  /** Folders, by name, that the definition's server may ingest from. */
  readonly roots: Roots
}

/** Opens the cluster and the queue of SHARDYARD_QUEUE_URL, or of the control database; closes both. */
export async function withQueue(
  argv: { readonly config?: string | undefined },
  work: (context: QueueContext) => Promise<number>,
): Promise<void> {
  await withCluster(argv, async (cluster, context) => {
    const url = process.env['SHARDYARD_QUEUE_URL'] ?? ''
    if (url === '') await migrateControl(cluster, context)
    const queue = await openJobQueue(cluster, { url })
    try {
      const files = new JobFiles(process.env['SHARDYARD_FILES'] || undefined)
      const uploads = new UploadStore({ folder: join(files.folder, 'uploads') })
      const server = cluster.definition.server as ServerDefinition | undefined
      const roots = resolveRoots(server?.roots ?? {}, process.env)
      return await work({ ...context, cluster, queue, files, uploads, roots })
    } finally {
      await queue.close()
    }
  })
}
