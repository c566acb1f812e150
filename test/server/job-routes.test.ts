import type { Cluster } from 'shardyard'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

let cluster: Cluster
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
})

test('jobs are listed, shown, cancelled and retried', async () => {
  const { server, ask } = await serve(cluster, { concurrency: 0 })
  const id = await server.context.queue.enqueue({ kind: 'mail', data: {} })
  expect((await ask('/api/v1/jobs?state=pending')).json()).toMatchObject({ items: [{ id, kind: 'mail' }], next: null })
  expect((await ask(`/api/v1/jobs/${id}`)).json()).toMatchObject({ id, state: 'pending' })
  const cancelled = await ask({ method: 'POST', url: `/api/v1/jobs/${id}/cancel` })
  expect([cancelled.statusCode, cancelled.json()]).toMatchObject([202, { state: 'cancelled' }])
  const retried = await ask({ method: 'POST', url: `/api/v1/jobs/${id}/retry` })
  expect([retried.statusCode, retried.json()]).toMatchObject([202, { state: 'pending' }])
  await server.context.queue.cancel(id)
})

test('what is wrong is told as a problem with a code', async () => {
  const { ask } = await serve(cluster, { concurrency: 0 })
  const unknown = await ask('/api/v1/jobs/j0')
  expect(unknown.headers['content-type']).toBe('application/problem+json')
  expect(unknown.json()).toMatchObject({ status: 404, code: 'SY_JOB_UNKNOWN' })
  const wrong = await ask('/api/v1/jobs?limit=none')
  expect(wrong.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID', errors: [{ pointer: '#/limit' }] })
})
