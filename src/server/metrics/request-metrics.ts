import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Metric, Registry } from 'prom-client'

const NAME = 'shardyard_http_request_duration_seconds'
/** Upper bounds, in seconds. */
const BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

/** The answered requests of one method, route and status. */
interface Answered {
  readonly method: string
  readonly route: string
  readonly status: number
  /** For each bound how many took at most so long, and longer than the one before it; then those beyond the last. */
  readonly counts: number[]
  seconds: number
}

/**
 * Notes answered requests by method, route and status, with how long they took. They are counted here, as prom-client's
 * own histogram makes a text of the labels for each request, which costs as much as to find its route.
 */
export function requestMeter(
  registry: Registry,
): (request: FastifyRequest, reply: FastifyReply, seconds: number) => void {
  const byRoute = new Map<string, Answered[]>()
  const about = {
    name: NAME,
    help: 'How long requests took, by method, route and status.',
    type: 'histogram',
    aggregator: 'sum',
  } as const
  const get = async () => ({ ...about, values: [...byRoute.values()].flat().flatMap(valuesOf) })
  // The registry asks for no more of a metric than this.
  registry.registerMetric({ ...about, get } as unknown as Metric)
  return ({ method, pattern: route }, { statusCode: status }, seconds) => {
    const own = answeredOf(byRoute, { method, route, status })
    const place = BOUNDS.findIndex((bound) => seconds <= bound)
    const slot = place < 0 ? BOUNDS.length : place
    own.counts[slot] = (own.counts[slot] ?? 0) + 1
    own.seconds += seconds
  }
}

function answeredOf(
  byRoute: Map<string, Answered[]>,
  { method, route, status }: Pick<Answered, 'method' | 'route' | 'status'>,
): Answered {
  const known = byRoute.get(route)
  const found = known?.find((one) => one.status === status && one.method === method)
  if (found !== undefined) return found
  const made = { method, route, status, counts: [...BOUNDS, Infinity].map(() => 0), seconds: 0 }
  if (known === undefined) byRoute.set(route, [made])
  else known.push(made)
  return made
}

/** As Prometheus has them: each bucket with all that took less, then their sum and their number. */
function valuesOf({ method, route, status, counts, seconds }: Answered) {
  const labels = { method, route, status: String(status) }
  let count = 0
  const buckets = counts.map((own, place) => {
    count += own
    return { metricName: `${NAME}_bucket`, labels: { ...labels, le: BOUNDS[place] ?? '+Inf' }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: seconds },
    { metricName: `${NAME}_count`, labels, value: count },
  ]
}
