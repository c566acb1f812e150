import { defineReport, type Cluster } from 'shardyard'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A report that goes on until it is told to stop. */
const endless = defineReport({
  name: 'endless',
  describe: 'Endless.',
  options: {},
  run: ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    }),
})

async function whileRunning(cluster: Cluster) {
  const { server } = await serve(cluster, { concurrency: 1, drainMs: 300 })
  const { queue } = server.context
  const id = await queue.enqueue({ kind: 'report', data: { report: 'endless', format: 'json' } })
  while ((await queue.show(id))?.state !== 'running') await pause(20)
  return { server, id }
}

test('a server that stops says so while jobs end, hands back what is not done, and closes', async () => {
  const { cluster } = await openShippedCluster({ reports: [endless] } as never)
  const { server, id } = await whileRunning(cluster)
  const address = await server.listen({ port: 0 })
  const closing = server.close()
  const ready = await fetch(`${address}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'stopping' }])
  expect((await fetch(`${address}/api/v1/jobs/${id}`)).status).toBe(200)
  await closing
  await expect(fetch(`${address}/livez`)).rejects.toThrow('fetch failed')
  const { server: next } = await serve(cluster, { concurrency: 0 })
  expect(await next.context.queue.show(id)).toMatchObject({ state: 'pending', failures: 0, crashes: 0 })
})
