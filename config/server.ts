import { Event } from '../entities/event.js'
import { defineServer } from '../src/server/define-server.js'

/** What `shardyard serve` serves of this installation beside the API of every one. */
export const server = defineServer({
  events: { into: Event, totals: { by: 'client', sum: 'amount' } },
})
