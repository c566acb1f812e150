import type { TestEngine } from '../../helpers/engines'
import { ingestAlone, type ChildEnd } from './child'
import { freshDepot } from './depot'

const record = (number: number) => `{"code":"k${number}","name":"Lamp ${number}","price":1}\n`

const sum = (ends: readonly ChildEnd[], outcome: string) =>
  ends.reduce((all, { answer }) => all + (answer.counts?.[outcome] ?? 0), 0)

/** Has two processes ingest two files at once, which share 200 of their 300 records, each with so many threads. */
export async function requireOneRowEach(engine: TestEngine, threads: number): Promise<void> {
  const depot = await freshDepot(engine, 'two files')
  const numbers = Array.from({ length: 300 }, (_, number) => number)
  const shared = numbers.slice(50, 250)
  // The shared ones come in another order, so that each of the two is the first of some.
  const files = await Promise.all([
    depot.write('a.ndjson', [...numbers.slice(0, 50), ...shared].map(record).join('')),
    depot.write('b.ndjson', [...shared.toReversed(), ...numbers.slice(250)].map(record).join('')),
  ])
  const ends = await Promise.all(files.map((file) => ingestAlone(depot, [file], { chunkBytes: 120, threads })))
  expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ])
  expect([sum(ends, 'accepted'), sum(ends, 'duplicate'), sum(ends, 'rejected')]).toEqual([300, 200, 0])
  const rows = await depot.ask('north', 'SELECT code FROM items')
  expect([rows.length, new Set(rows.map(({ code }) => code)).size]).toEqual([300, 300])
}
