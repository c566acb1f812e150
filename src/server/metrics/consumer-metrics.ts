import { Gauge, type Registry } from 'prom-client'
import type { ServerContext } from '../server-context.js'
import type { Look } from './store-metrics.js'

/** What is told of the consumers of a server. */
interface ConsumerFigures {
  readonly statuses: readonly {
    readonly name: string
    readonly state: string
    readonly lag?: number | undefined | null
  }[]
}

/** How far the consumers of topics are behind, and whether they run. */
export function measureConsumers(registry: Registry, context: ServerContext): Look {
  const registers = [registry]
  const { consumers } = context as { consumers?: ConsumerFigures }
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
    for (const { name: consumer, state, lag: behind } of consumers?.statuses ?? []) {
      running.set({ consumer }, state === 'running' ? 1 : 0)
      if (typeof behind === 'number') lag.set({ consumer }, behind)
    }
  }
}
