/** A worker thread's way to its part of an ingestion; apart, so that other threads do not load it. */
import { Cluster } from '../../cluster/cluster.js'
import { loadDefinition } from '../../cluster/load-definition.js'
import { onEnd } from '../bulk/thread-end.js'
import type { WorkerStart } from '../bulk/messages.js'
import { ChunkWork, type ChunkEnvironment } from './chunk-work.js'

const CLOSE_LIMIT_MS = 1_000

/** Opens the cluster of the config file for the work of this thread. */
export async function openChunkWork({ ingest }: WorkerStart, environment: ChunkEnvironment): Promise<ChunkWork> {
  if (ingest === undefined) throw new TypeError('A chunk was asked for, but nothing is ingested.')
  const cluster = await Cluster.open(await loadDefinition(ingest.config))
  onEnd(() => cluster.close(CLOSE_LIMIT_MS))
  return new ChunkWork(cluster, ingest, environment)
}
