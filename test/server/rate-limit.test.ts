import { clientOf, RateLimit } from 'shardyard/src/server/rate-limit'

const outcome = (work: () => void): unknown => {
  try {
    work()
    return 'taken'
  } catch (error) {
    return (error as { headers?: Record<string, string> }).headers?.['retry-after']
  }
}

test('a client has a minute of requests at once, then as many as come back', () => {
  let now = 0
  const limit = new RateLimit(60, () => now)
  expect(Array.from({ length: 61 }, () => outcome(() => limit.take('a', 1))).slice(59)).toEqual(['taken', '1'])
  expect(outcome(() => limit.take('b', 1))).toBe('taken')
  now += 10_000
  expect(Array.from({ length: 11 }, () => outcome(() => limit.take('a', 1))).slice(9)).toEqual(['taken', '1'])
})

test('what costs more than a minute holds is let in when nothing else was', () => {
  const limit = new RateLimit(60, () => 0)
  expect([outcome(() => limit.take('a', 1_000)), outcome(() => limit.take('a', 1))]).toEqual(['taken', '1'])
})

test('more clients than are remembered push out those that would have all their requests back', () => {
  let now = 0
  const limit = new RateLimit(1, () => now)
  limit.take('busy', 1)
  for (let at = 0; at < 9_999; at++) limit.take(`old ${at}`, 1)
  now = 59_000
  expect(outcome(() => limit.take('old 1', 1))).toBe('1')
  now = 61_000
  limit.take('new', 1)
  expect(outcome(() => limit.take('new', 1))).toBe('60')
})

test.each([
  ['10.0.0.7', '10.0.0.7'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, client) => {
  expect(clientOf(address)).toBe(client)
})
