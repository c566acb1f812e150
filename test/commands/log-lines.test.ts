import { shortLine } from 'shardyard/commands/shared/log-lines'

const AT = { level: 30, time: Date.UTC(2026, 0, 2, 3, 4, 5) }

test.each([
  [
    { ...AT, method: 'POST', path: '/api/v1/jobs', status: 202, ms: 3.1, msg: 'answered' },
    '03:04:05 info  POST /api/v1/jobs 202 3.1 ms',
  ],
  [
    { ...AT, level: 50, msg: 'request failed', err: { code: 'SY_X', message: 'no \u001b[2J' } },
    '03:04:05 error request failed SY_X no \ufffd[2J',
  ],
])('a line of the log is short on a terminal', (facts, line) => {
  expect(shortLine(JSON.stringify(facts))).toBe(line)
})

test('what is no JSON is shown as it is', () => {
  expect(shortLine('Stopping.\n')).toBe('Stopping.')
})
