import type { Cluster } from '../../cluster/cluster.js'
import { withoutSecrets } from '../../cluster/definition.js'
import { ShardyardError } from '../../errors.js'
import { openBullmqQueue } from './bullmq-queue.js'
import { EmbeddedQueue } from './embedded-queue.js'
import type { JobQueue, QueueOptions } from './job-queue.js'

/** Options of {@link openJobQueue}. */
export interface OpenQueueOptions extends QueueOptions {
  /** `redis://…` or `rediss://…` for workers on several machines. @defaultValue the control database of the cluster */
  readonly url?: string
  /** What the keys in Redis begin with. @defaultValue 'shardyard' */
  readonly prefix?: string
}

/**
 * Opens the queue of a cluster's jobs. Closing it closes its connections, not the cluster.
 *
 * @throws SY_CONFIG_INVALID, SY_DRIVER_MISSING, SY_QUEUE_DOWN; SY_DEFINITION_INVALID without a control database
 * @example
 * const queue = await openJobQueue(cluster)
 * await queue.enqueue({ kind: 'mail', data: { to: 'ada@example.com' }, key: 'welcome 17' })
 */
export async function openJobQueue(cluster: Cluster, options: OpenQueueOptions = {}): Promise<JobQueue> {
  const { url, prefix, ...rest } = options
  if (url === undefined || url === '') return new EmbeddedQueue(cluster, rest)
  if (/^rediss?:\/\//i.test(url)) return openBullmqQueue(url, { ...rest, ...(prefix === undefined ? {} : { prefix }) })
  throw new ShardyardError(
    'SY_CONFIG_INVALID',
    `The URL of a queue is redis://HOST:PORT or rediss://HOST:PORT; "${withoutSecrets(url)}" is neither. ` +
      'Without one the jobs are kept in the control database.',
  )
}
