import { Event } from '../entities/event.js'
import { ShardyardError } from '../src/errors.js'
import { defineServer } from '../src/server/define-server.js'
import { routes } from './routes/index.js'
import { transactionSummary } from './routes/transaction-summary.js'

/** What `shardyard serve` serves of this installation beside the API of every one. */
export const server = defineServer({
  events: { into: Event, totals: { by: 'client', sum: 'amount' } },
  summary: transactionSummary,
  routes,
  roots: rootsOf(process.env['SHARDYARD_ROOTS'] ?? ''),
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
