import type { FastifyReply, FastifyRequest } from 'fastify'
import { Histogram, Registry } from 'prom-client'
import { requestMeter } from 'shardyard/src/server/metrics/request-metrics'

const REQUESTS = [
  ['GET', '/a', 200, 0.0005],
  ['GET', '/a', 200, 0.001],
  ['GET', '/a', 200, 0.0011],
  ['GET', '/a', 304, 70],
  ['POST', '/a', 200, 60],
  ['POST', '/b/:id', 503, 2.5],
] as const

test('requests are told as the histogram of prom-client tells them', async () => {
  const [own, theirs] = [new Registry(), new Registry()]
  const measure = requestMeter(own)
  const histogram = new Histogram({
    name: 'shardyard_http_request_duration_seconds',
    help: 'How long requests took, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    registers: [theirs],
  })
  for (const [method, route, status, seconds] of REQUESTS) {
    measure({ method, pattern: route } as FastifyRequest, { statusCode: status } as FastifyReply, seconds)
    histogram.observe({ method, route, status: String(status) }, seconds)
  }
  expect(samples(await own.metrics())).toEqual(samples(await theirs.metrics()))
})

/** The samples of an exposition, in whatever order it has them and their labels. */
function samples(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join()}}`))
    .toSorted()
}
