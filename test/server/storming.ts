/** Storms of events against servers whose database crashes. */
import { once } from 'node:events'
import { Client } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCommand } from '../helpers/command'
import { OwnPostgres } from '../helpers/own-postgres'
import { tempFolder } from '../helpers/temp'
import { storm } from './event-storm'

async function openDatabase(): Promise<{
  server: OwnPostgres
  control: string
  ask: (sql: string) => Promise<object[]>
}> {
  const server = await OwnPostgres.open()
  const ask = async (sql: string): Promise<object[]> => {
    const client = new Client({ connectionString: server.url })
    await client.connect()
    try {
      return (await client.query(sql)).rows as object[]
    } finally {
      await client.end()
    }
  }
  await ask('CREATE DATABASE control')
  return { server, control: server.url.replace(/postgres$/, 'control'), ask }
}

async function startServer(cwd: string, env: Record<string, string>): Promise<string> {
  const child = startCommand(['shardyard', 'serve', '--port', '0', '--concurrency', '0'], { cwd, env })
  let [text, errors] = ['', '']
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()))
  for (;;) {
    const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0]
    if (url !== undefined) return url
    const [part] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown]
    if (child.exitCode !== null) throw new Error(errors)
    text += String(part)
  }
}

/** Two servers, a database that crashes now and then, and what is in it when all is over. */
export async function stormThroughCrashes(seconds: number, { connections = 64, everyMs = 6_000, downMs = 0 } = {}) {
  const { server, control, ask } = await openDatabase()
  const folder = await tempFolder('storm')
  const env = { SHARDYARD_EVENTS_URL: server.url, SHARDYARD_CONTROL_URL: control }
  const servers = [await startServer(folder, env), await startServer(folder, env)]
  const endsAt = performance.now() + seconds * 1_000
  const raging = storm(servers, { connections, isOver: () => performance.now() > endsAt })
  for (await sleep(Math.min(1_500, everyMs)); performance.now() < endsAt; await sleep(everyMs))
    await server.crash(downMs)
  const told = await raging
  const rows = (await ask(`SELECT metric, COUNT(*) AS times FROM events GROUP BY metric`)) as {
    metric: string
    times: string
  }[]
  const unbalanced = await ask(
    `SELECT p.run, p.accepted, p.duplicate, p.rejected, COUNT(l.position) AS lines FROM shardyard_parts p
      LEFT JOIN shardyard_lines l ON l.part = p.id GROUP BY p.id
      HAVING p.accepted + p.duplicate + p.rejected <> COUNT(l.position)
      OR p.accepted <> COUNT(l.position) FILTER (WHERE l.outcome = 'accepted')`,
  )
  const [sum] = (await ask(`SELECT SUM(accepted) AS accepted FROM shardyard_parts`)) as [{ accepted: string }]
  return { ...told, rows, unbalanced, accountedFor: Number(sum.accepted) }
}

/** Each acknowledged event is stored once, none is lost, and the account says so. */
export function requireExactlyOnce({
  acknowledged,
  accepted,
  strange,
  rows,
  unbalanced,
  accountedFor,
}: Awaited<ReturnType<typeof stormThroughCrashes>>): void {
  expect(strange).toEqual([])
  expect(rows.filter(({ times }) => times !== '1')).toEqual([])
  expect([...accepted].filter(([, times]) => times > 1)).toEqual([])
  const stored = rows.map(({ metric }) => metric).toSorted()
  expect(stored).toEqual([...acknowledged.keys()].map((number) => `m${number}`).toSorted())
  expect(unbalanced).toEqual([])
  expect(accountedFor).toBe(rows.length)
}
