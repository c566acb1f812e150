import { JobRunner } from 'shardyard/src/pipeline/jobs/job-runner'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'
import { keepSpans } from '../helpers/spans'

const TRACE = 'a'.repeat(32)

test('a request is a span of the trace that its caller names', async () => {
  const { ask } = await serve((await openShippedCluster()).cluster, { concurrency: 0 })
  const spans = keepSpans()
  await ask({ url: '/api/v1/jobs/j1', headers: { traceparent: `00-${TRACE}-${'b'.repeat(16)}-01` } })
  expect(spans).toMatchObject([{ name: 'GET /api/v1/jobs/:id', traceId: TRACE, parent: 'b'.repeat(16), isEnded: true }])
  expect(spans[0]?.attributes).toMatchObject({ 'http.response.status_code': 404, 'http.route': '/api/v1/jobs/:id' })
})

test('a job is a span, which tells the kind of its error and not its text', async () => {
  const { cluster } = await openShippedCluster()
  const { server } = await serve(cluster, { concurrency: 0 })
  const { queue } = server.context
  const spans = keepSpans()
  await queue.enqueue({ kind: 'mail', data: {}, attempts: 1 })
  const mail = async () => {
    throw new TypeError('ada@example.com is nobody')
  }
  await new JobRunner(queue, { mail }, cluster, { isUntilIdle: true, pollMs: 10 }).run()
  const job = spans.find(({ name }) => name === 'job mail')
  expect(job).toMatchObject({ isEnded: true, isError: true, attributes: { 'error.type': 'TypeError' } })
  expect(JSON.stringify(spans)).not.toContain('ada@')
})

test('without an SDK nothing is recorded and requests are answered', async () => {
  const { ask } = await serve((await openShippedCluster()).cluster, { concurrency: 0 })
  expect((await ask({ url: '/livez', headers: { traceparent: `00-${TRACE}-${'b'.repeat(16)}-01` } })).statusCode).toBe(
    200,
  )
})
