import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { runCommand, startCommand } from '../helpers/command'
import { tempFolder } from '../helpers/temp'
import { Processes } from '../server/processes'

jest.setTimeout(300_000)

const RECORDS = 60_000
const KILLS = 8
const POSTERS = 8
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const isTwice = (at: number) => at % 50 === 9
const line = (at: number) => `client ${at % 9},clicks,${at},2025-01-01T00:00:00Z\n`
const CONTENT = `client,metric,amount,timestamp\n${Array.from({ length: RECORDS }, (_, at) => line(at) + (isTwice(at) ? line(at) : '')).join('')}`
const DUPLICATES = Array.from({ length: RECORDS }, (_, at) => at).filter(isTwice).length

/** Posts events one after the other until it is told to end; answers how many were acknowledged. */
async function post(processes: Processes, poster: number, over: AbortSignal): Promise<number> {
  let stored = 0
  for (let at = 0; !over.aborted; at++) {
    const event = { client: `poster ${poster}`, metric: 'posts', amount: at, timestamp: '2025-01-02T00:00:00Z' }
    const told = await processes.ask<{ status: string }>('/events', event)
    expect(told.status).toBe('accepted')
    stored += 1
  }
  return stored
}

test('a load that is killed again and again while events are posted into its file ends as one that nothing disturbs', async () => {
  const folder = await tempFolder('beside events')
  await writeFile(join(folder, 'events.csv'), CONTENT)
  const processes = new Processes(folder, false)
  await processes.start()
  const over = new AbortController()
  const posting = Array.from({ length: POSTERS }, (_, poster) => post(processes, poster, over.signal))
  const command = ['shardyard', 'ingest', 'events.csv', '--into', 'Event', '--json']
  for (let kills = 0; kills < KILLS; kills++) {
    const child = startCommand(command, { cwd: folder })
    child.stderr.resume()
    child.stdout.resume()
    const ended = once(child, 'exit')
    await Promise.race([ended, pause(1_000 + Math.random() * 1_500)])
    child.kill('SIGKILL')
    await ended
  }
  const { code, stdout } = await runCommand(command, { cwd: folder, timeoutMs: 120_000 })
  over.abort()
  const posted = (await Promise.all(posting)).reduce((sum, stored) => sum + stored, 0)
  await processes.kill('serve')

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    state: 'complete',
    counts: { accepted: RECORDS, duplicate: DUPLICATES, rejected: 0, blank: 0, header: 1 },
  })
  expect(posted).toBeGreaterThan(KILLS)
  const events = new Database(join(folder, 'data/events.db'))
  const count = (sql: string) => (events.prepare(sql).get() as { n: number }).n
  expect(count('SELECT COUNT(*) AS n FROM events')).toBe(RECORDS + posted)
  expect(count("SELECT COUNT(DISTINCT amount) AS n FROM events WHERE metric = 'clicks'")).toBe(RECORDS)
  expect(count('SELECT COUNT(*) AS n FROM shardyard_hashes')).toBe(RECORDS + posted)
  expect(count('SELECT COUNT(*) AS n FROM shardyard_lines')).toBe(RECORDS + DUPLICATES + posted)
  expect(count('SELECT COUNT(*) AS n FROM shardyard_parts WHERE settledTo <> 0')).toBe(0)
  events.close()
})
