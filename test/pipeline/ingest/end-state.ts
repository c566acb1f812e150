/** What an ingestion leaves behind, read by the bare drivers and in the same form on every engine. */
import { ask, type Row } from '../../commands/shop'
import type { TestEngine } from '../../helpers/engines'
import type { Depot } from './depot'

/** One line of a ledger, in the same form on every engine. */
export interface Line {
  readonly database: string
  readonly run: string
  readonly file: number
  readonly position: number
  readonly line: number
  readonly length: number
  readonly outcome: string
  readonly isHashed: boolean
  readonly rowId: string | null
  readonly reasons: readonly { code: string; field: string; pointer: string; message: string; fix: string }[]
  readonly changes: readonly { field: string; from: unknown; to: unknown; why: string }[]
  readonly raw: Buffer
}

/** All lines of all ledgers, or those of one run, in the order of the files. */
export async function linesOf({ engine, urls }: Depot, run?: string): Promise<Line[]> {
  const lists = await Promise.all(
    Object.entries(urls).map(async ([database, url]) => {
      const parts = await ask(engine, url, 'SELECT * FROM shardyard_parts')
      const partOf = new Map(parts.map((part) => [Number(part['id']), part]))
      const lines = await ask(engine, url, 'SELECT * FROM shardyard_lines')
      return lines.map((row): Line => lineOf(database, row, partOf.get(Number(row['part']))))
    }),
  )
  return lists
    .flat()
    .filter((line) => run === undefined || line.run === run)
    .toSorted((a, b) => (a.run < b.run ? -1 : a.run > b.run ? 1 : a.file - b.file || a.position - b.position))
}

function lineOf(database: string, row: Row, part: Row | undefined): Line {
  return {
    database,
    run: String(part?.['run']),
    file: Number(part?.['file']),
    position: Number(row['position']),
    line: Number(row['line']),
    length: Number(row['length']),
    outcome: String(row['outcome']),
    isHashed: row['hash1'] !== null && row['hash2'] !== null,
    rowId: row['rowId'] === null ? null : String(row['rowId']),
    reasons: JSON.parse(String(row['reasons'] ?? '[]')),
    changes: JSON.parse(String(row['changes'] ?? '[]')),
    raw: row['raw'] as Buffer,
  }
}

/** Everything that an ingestion leaves, without what differs between two runs: ids, times, threads. */
export async function endState(own: Depot): Promise<Record<string, readonly string[]>> {
  const { engine, urls, control } = own
  const runs = await ask(engine, urls[control] ?? '', 'SELECT * FROM shardyard_runs ORDER BY id')
  const numbers = new Map(runs.map((run, index) => [String(run['id']), index + 1]))
  const state: Record<string, readonly string[]> = {
    runs: runs.map((run) => `${String(run['state'])} ${run['openSource'] === null ? 'closed' : 'open'}`),
    lines: (await linesOf(own)).map(
      ({ database, run, file, position, length, outcome, isHashed, reasons, changes, raw, line }) =>
        `${numbers.get(run)} ${file} ${position} ${line} ${length} ${database} ${outcome} ${isHashed} ` +
        `${withoutNames(JSON.stringify(reasons))} ${JSON.stringify(changes)} ${raw.toString('latin1')}`,
    ),
  }
  for (const [database, url] of Object.entries(urls)) {
    const parts = await ask(engine, url, 'SELECT * FROM shardyard_parts')
    state[`parts of ${database}`] = parts.map((row) => partText(row, numbers)).toSorted()
    const hashes = await ask(engine, url, 'SELECT * FROM shardyard_hashes')
    state[`hashes of ${database}`] = hashes
      .map((row) => [row['hash1'], row['hash2'], row['position']].join(' '))
      .toSorted()
    state[`items of ${database}`] = await rowsText(engine, url, 'items', ['code', 'name', 'price'])
    state[`notes of ${database}`] = await rowsText(engine, url, 'notes', ['text'])
  }
  return state
}

/**
 * What a database says of a row that it refuses, without what differs from test to test: MariaDB names itself, and
 * SQLite's errors, when an earlier test file has loaded the driver, are strangers to the `instanceof` of this one.
 */
function withoutNames(text: string): string {
  return text.replaceAll(/\btest_\w+/g, 'test').replaceAll('refused it: SqliteError: ', 'refused it: ')
}

/** How far control has got is noted now and then only, so its `next` says nothing. */
function partText(row: Row, numbers: ReadonlyMap<string, number>): string {
  const counts = ['accepted', 'rejected', 'duplicate', 'blank', 'header'].map((name) => Number(row[name]))
  const codes = Object.entries(JSON.parse(String(row['codes'])) as Record<string, number>)
    .map(([code, count]) => `${code}: ${count}`)
    .toSorted()
  return `${numbers.get(String(row['run']))} ${Number(row['file'])} ${String(row['entity'])} ${counts.join(' ')} ${JSON.stringify(codes)}`
}

async function rowsText(
  engine: TestEngine,
  url: string,
  table: string,
  columns: readonly string[],
): Promise<readonly string[]> {
  // A database without the table has none of its rows.
  const rows = await ask(engine, url, `SELECT * FROM ${table}`).catch((): Row[] => [])
  return rows
    .map((row) =>
      columns.map((name) => (name === 'price' ? Number(row[name]).toFixed(2) : String(row[name]))).join('|'),
    )
    .toSorted()
}
