import { Gauge, type Registry } from 'prom-client'
import type { ServerContext } from '../server-context.js'
import type { Look } from './store-metrics.js'

/** How far the consumers of topics are behind, and whether they run. */
export function measureConsumers(registry: Registry, { consumers }: ServerContext): Look {
  const registers = [registry]
  const running = new Gauge({
    name: 'shardyard_consumer_running',
    help: '1 while a consumer reads its topic.',
    labelNames: ['consumer'],
    registers,
  })
  const lag = new Gauge({
    name: 'shardyard_consumer_lag_messages',
    help: 'Messages of a topic that a consumer has not settled.',
    labelNames: ['consumer'],
    registers,
  })
  return async () => {
    for (const { name: consumer, state, lag: behind } of consumers.statuses) {
      running.set({ consumer }, state === 'running' ? 1 : 0)
      if (behind !== undefined) lag.set({ consumer }, behind)
    }
  }
}
