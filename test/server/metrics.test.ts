import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ingest } from 'shardyard'
import { Event } from 'shardyard/entities'
import { PartSchema } from 'shardyard/src/cluster/bookkeeping/part-row'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

/** Two records that are taken, one of them twice, and one that is not. */
const LINES = [
  '{"metric":"a","value":1,"ts":1704067200}',
  '{"metric":"b","value":2,"ts":1704067200}',
  '{"metric":"a","value":1,"ts":1704067200}',
  '{"metric":""}',
]

test('metrics tell the records of ingestions by database and outcome, and that none is unaccounted for', async () => {
  const { cluster, folder } = await openShippedCluster()
  const file = join(folder, 'events.ndjson')
  await writeFile(file, LINES.join('\n'))
  const account = await ingest(cluster, [file], { into: Event })
  const { ask } = await serve(cluster, { concurrency: 0 })
  const read = async () => (await ask('/metrics')).body
  const first = await read()
  for (const [outcome, count] of Object.entries(account.counts).filter(
    ([name]) => name !== 'blank' && name !== 'header',
  ))
    expect(first).toContain(`shardyard_records_total{database="events",outcome="${outcome}"} ${count}`)
  for (const { code } of account.reasons) expect(first).toContain(`shardyard_rejects_total{code="${code}"}`)
  expect(first).toContain('shardyard_unaccounted_records 0')
  // What is complete was added once; a second look adds nothing.
  const records = (text: string) => text.split('\n').filter((line) => line.startsWith('shardyard_records_total'))
  expect(records(await read())).toEqual(records(first))
})

test('a record that was taken away from the account is seen', async () => {
  const { cluster, folder } = await openShippedCluster()
  const file = join(folder, 'events.ndjson')
  await writeFile(file, LINES.join('\n'))
  await ingest(cluster, [file], { into: Event })
  await cluster.database('events').getRepository(PartSchema).update({ file: 0 }, { accepted: 0 })
  const { ask } = await serve(cluster, { concurrency: 0 })
  expect((await ask('/metrics')).body).toMatch(/^shardyard_unaccounted_records [1-9]/m)
})

test('metrics tell requests, databases, jobs and the process', async () => {
  const { cluster } = await openShippedCluster()
  const { server, ask } = await serve(cluster, { concurrency: 0 })
  await server.context.queue.enqueue({ kind: 'mail', data: {} })
  await ask('/api/v1/jobs/j1')
  const { body, headers } = await ask('/metrics')
  expect(headers['content-type']).toContain('version=0.0.4')
  expect(body).toContain('_count{method="GET",route="/api/v1/jobs/:id",status="404"} 1')
  expect(body).toContain('shardyard_database_up{database="control"} 1')
  expect(body).toContain('shardyard_jobs{state="pending"} 1')
  for (const name of [
    'oldest_job_seconds',
    'worker_threads 0',
    'stream_clients 0',
    'event_loop_delay_seconds{quantile="0.99"}',
  ])
    expect(body).toContain(`shardyard_${name}`)
})
