// Compiled, never run: each @ts-expect-error fails the compilation when the line below it is accepted.
import {
  ingestJob,
  redriveJob,
  simulationJob,
  UploadStore,
  type Cluster,
  type JobProgress,
  type NewJob,
} from 'shardyard'

export async function typesOfLoadsAsJobs(cluster: Cluster): Promise<readonly NewJob[]> {
  const places = { uploads: new UploadStore({ folder: 'uploads' }), roots: { inbox: '/srv/inbox' } }
  // @ts-expect-error a source is an upload or a path in a root
  await ingestJob(cluster, { source: '/etc/passwd', into: 'Event' }, places)
  // @ts-expect-error a path alone names no file
  await ingestJob(cluster, { source: { path: 'a.csv' }, into: 'Event' }, places)
  // @ts-expect-error there are three ledgers
  await ingestJob(cluster, { source: { upload: 'u0' }, into: 'Event', ledger: 'none' }, places)
  return [
    await ingestJob(cluster, { source: { root: 'inbox', path: 'a.csv' }, into: 'Event', maxRejects: '5%' }, places),
    await redriveJob(cluster, { run: 'r', upload: 'u' }, places),
    simulationJob(cluster, { count: 100, seed: 2 }),
  ]
}

export function typesOfProgress({ run, rejected, recordsPerSecond }: JobProgress): void {
  // @ts-expect-error the run is not known before it has begun
  const id: string = run
  void [id, rejected, recordsPerSecond]
}
