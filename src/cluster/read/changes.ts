/**
 * When a text of each of many keys changes: of the points that a key has in time, those that differ from the point
 * before. SQLite joins the points of a key into a text, which costs a fifth of as many rows; the other engines send rows.
 */
import type { ObjectLiteral } from 'typeorm'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { stored, type Condition } from './conditions.js'
import { BOUNDARY, readJoinedChanges, type Changes } from './joined-changes.js'
import { readTable } from './read-table.js'
import { rowPages } from './row-pages.js'

/** The first point of a key, and those that differ from the one before. */
export interface KeyChanges extends Changes {
  readonly key: string
}

/** What {@link changesOf} reads. An index should have `key`, `at` and `value`, in this order. */
export interface ChangesOptions<Entity> {
  readonly key: keyof Entity & string
  readonly keys: readonly string[]
  readonly at: keyof Entity & string
  readonly value: keyof Entity & string
  /** First and last moment that count, in milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly signal?: AbortSignal
}

/** Some keys, and how many points were read for them. */
interface Batch {
  readonly found: readonly KeyChanges[]
  readonly points: number
}

/** Points asked for at once, as far as can be foreseen. */
const POINTS = 20_000
const FIRST_KEYS = 16
const KEYS_MAX = 500

/** Reads some keys at a time; a key without points is left out. Points of one moment are in the order of their texts. */
export async function* changesOf<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: ChangesOptions<Entity>,
): AsyncGenerator<readonly KeyChanges[]> {
  const { signal } = options
  const keys = [...new Set(options.keys)]
  const { dialect, column } = readTable(cluster, entity)
  // A text that joins points leaves out what is null.
  const read = dialect.joined === undefined || column(options.value).isNullable ? readRowwise : readJoined
  let [points, seen] = [0, 0]
  for (let next = 0; next < keys.length; ) {
    signal?.throwIfAborted()
    const wanted = seen === 0 ? FIRST_KEYS : Math.floor(POINTS / Math.max(1, points / seen))
    const some = keys.slice(next, next + Math.min(KEYS_MAX, Math.max(1, wanted)))
    const batch = await read(cluster, entity, { ...options, keys: some })
    yield batch.found
    next += some.length
    seen += some.length
    points += batch.points
  }
}

async function readRowwise<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { key, keys, at, value, from, to, signal }: ChangesOptions<Entity>,
): Promise<Batch> {
  const found: { key: string; at: number[]; values: string[] }[] = []
  let points = 0
  const where: readonly Condition<Entity>[] = [
    [key, 'in', keys],
    [at, '>=', new Date(from)],
    [at, '<=', new Date(to)],
  ]
  const columns = [key, at, value]
  const given = signal === undefined ? {} : { signal }
  for await (const rows of rowPages(cluster, entity, { columns, orderBy: columns, where, ...given })) {
    points += rows.length
    for (const row of rows as unknown as Record<string, unknown>[]) {
      let last = found.at(-1)
      if (last === undefined || last.key !== row[key]) {
        last = { key: String(row[key]), at: [], values: [] }
        found.push(last)
      }
      if (last.values.at(-1) === row[value]) continue
      last.at.push(Number(row[at]))
      last.values.push(String(row[value]))
    }
  }
  return { found, points }
}

async function readJoined<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: ChangesOptions<Entity>,
): Promise<Batch> {
  const rows = await joinedRows(cluster, entity, options)
  const found: KeyChanges[] = []
  const others: string[] = []
  let points = 0
  for (const { key, points: text } of rows) {
    if (text === null) continue
    const changes = readJoinedChanges(text)
    if (changes === undefined) others.push(key)
    else {
      found.push({ key, at: changes.at, values: changes.values })
      points += changes.points
    }
  }
  if (others.length === 0) return { found, points }
  const rest = await readRowwise(cluster, entity, { ...options, keys: others })
  return { found: [...found, ...rest.found], points: points + rest.points }
}

interface JoinedRow {
  readonly key: string
  /** Null when there is none. */
  readonly points: Buffer | null
}

/** A look for each key by itself: a group by would compare the key of every row with the one before. */
async function joinedRows<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { key, keys, at, value, from, to }: ChangesOptions<Entity>,
): Promise<readonly JoinedRow[]> {
  const table = readTable(cluster, entity)
  const { quote: q, placeholder: p, joined } = table.dialect
  const [keyName, atName, valueName] = [table.column(key).sql, table.column(at).sql, table.column(value).sql]
  const bounds = [from, to].map((ms) => stored(table, table.column(at), new Date(ms)))
  const select = (what: string, first: number) =>
    `(SELECT ${what} FROM ${table.sql} WHERE ${keyName} = wanted.k ` +
    `AND ${atName} BETWEEN ${p(first)} AND ${p(first + 1)})`
  const rest = joined?.(valueName, `'${BOUNDARY}' || ${atName}`) ?? ''
  const marks = keys.map((_, index) => `(${p(index + 1)})`).join(', ')
  const rows = await table.query(
    `WITH wanted (k) AS (VALUES ${marks}) SELECT wanted.k AS ${q('key')}, ` +
      // As bytes, which are looked through without being made a string of JavaScript.
      `CAST(${select(`MIN(${atName})`, keys.length + 1)} || ${select(rest, keys.length + 3)} AS BLOB) AS ${q('points')} ` +
      'FROM wanted',
    [...keys, ...bounds, ...bounds],
  )
  return rows as unknown as readonly JoinedRow[]
}
