import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'
import { threadCount } from '../../util/thread-count.js'
import type { ServerContext } from '../server-context.js'

const NANOSECONDS = 1e9

/** The process itself: processor, memory, event loop, threads, watchers. */
export function measureProcess(registry: Registry, { live, stopping }: ServerContext): void {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  stopping.addEventListener('abort', () => delay.disable(), { once: true })
  registry.registerMetric(
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process.',
      registers: [],
      collect() {
        const { user, system } = process.cpuUsage()
        this.reset()
        this.inc((user + system) / 1e6)
      },
    }),
  )
  gauge(registry, 'process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  gauge(registry, 'process_start_time_seconds', 'When the process began.', () => Date.now() / 1_000 - process.uptime())
  gauge(registry, 'nodejs_heap_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed)
  gauge(registry, 'shardyard_worker_threads', 'Worker threads of this process.', threadCount)
  gauge(registry, 'shardyard_stream_clients', 'Who listens to the live stream.', () => live.watchers)
  registry.registerMetric(
    new Gauge({
      name: 'shardyard_event_loop_delay_seconds',
      help: 'By how much timers were late since the last scrape.',
      labelNames: ['quantile'],
      registers: [],
      collect() {
        for (const quantile of [0.5, 0.99]) this.set({ quantile: String(quantile) }, seconds(delay, quantile))
        this.set({ quantile: '1' }, delay.count === 0 ? 0 : delay.max / NANOSECONDS)
        delay.reset()
      },
    }),
  )
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  registry.registerMetric(
    new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(value())
      },
    }),
  )
}

function seconds(delay: IntervalHistogram, quantile: number): number {
  return delay.count === 0 ? 0 : delay.percentile(quantile * 100) / NANOSECONDS
}
