import { Event } from '../entities/event.js'
import { ShardyardError } from '../src/errors.js'
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
  roots: rootsOf(process.env['SHARDYARD_ROOTS'] ?? ''),
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

/** `inbox=/srv/inbox,archive=/srv/archive` → folders by their names. */
function rootsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  return Object.fromEntries(pairs.map(rootOf))
}

function rootOf(pair: string): [name: string, folder: string] {
  const [, name, folder] = /^\s*([a-z][a-z0-9-]{0,30})=(\S.*?)\s*$/.exec(pair) ?? []
  if (name !== undefined && folder !== undefined) return [name, folder]
  throw new ShardyardError(
    'SY_CONFIG_INVALID',
    `Expected SHARDYARD_ROOTS to be names and folders such as "inbox=/srv/inbox,archive=/srv/archive", got ${JSON.stringify(pair)}.`,
  )
}
