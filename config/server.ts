import { Event } from '../entities/event.js'
import { env } from '../src/cluster/definition.js'
import { defineServer } from '../src/server/define-server.js'
import { routes } from './routes/index.js'
import { transactionSummary } from './routes/transaction-summary.js'

/** The clock that the time-table below is read by. */
const timeZone = env('SHARDYARD_TIME_ZONE', 'UTC')

/** What `shardyard serve` serves of this installation beside the API of every one. */
export const server = defineServer({
  events: { into: Event, totals: { by: 'client', sum: 'amount' } },
  summary: transactionSummary,
  routes,
  roots: env('SHARDYARD_ROOTS', ''),
  consumers: [
    {
      name: 'events',
      into: Event,
      stream: { brokers: env('SHARDYARD_KAFKA_BROKERS', ''), topic: 'events', group: 'shardyard' },
    },
  ],
  schedules: [
    { name: 'nightly-rollup', cron: '10 3 * * *', timeZone, work: { kind: 'rollup' } },
    { name: 'daily-retention', cron: '40 3 * * *', timeZone, work: { kind: 'retention' } },
  ],
})
