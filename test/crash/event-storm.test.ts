/** The storm of the ordinary run, for as long and as hard as servers are to bear it; longer away than an event waits. */
import { requireExactlyOnce, stormThroughCrashes } from '../server/storming'

test('64 connections to each of two servers post for 30 s while their database crashes: each event is stored once', async () => {
  const told = await stormThroughCrashes(30, { downMs: 3_000 })
  expect(told.unavailable).toBeGreaterThan(0)
  requireExactlyOnce(told)
}, 180_000)
