import { requireExactlyOnce, stormThroughCrashes } from './storming'

test('events that are posted while their database crashes are stored once, and refused with 503 alone', async () => {
  requireExactlyOnce(await stormThroughCrashes(4, { connections: 16 }))
}, 60_000)
