/**
 * When a text of each of many keys changes: of the points that a key has in time, those that differ from the point
 * before. SQLite joins the points of a key into a text, which costs a fifth of as many rows; the other engines send rows.
 */
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { SqlText, whereSql, type Condition } from './conditions.js'
import { BOUNDARY, readJoinedChanges, type Changes } from './joined-changes.js'
import { readTable, requireFilled } from './read-table.js'
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

/**
 * Reads some keys at a time; a key without points is left out. Points of one moment are in the order of their texts.
 *
 * @throws SY_OPTION_INVALID for a value that may be null
 */
export async function* changesOf<Entity extends object>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: ChangesOptions<Entity>,
): AsyncGenerator<readonly KeyChanges[]> {
  const { signal } = options
  const keys = [...new Set(options.keys)]
  const table = readTable(cluster, entity)
  requireFilled(table.entity, [table.column(options.value)])
  const read = table.dialect.joined === undefined ? readRowwise : readJoined
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

async function readRowwise<Entity extends object>(
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

async function readJoined<Entity extends object>(
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
async function joinedRows<Entity extends object>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { key, keys, at, value, from, to }: ChangesOptions<Entity>,
): Promise<readonly JoinedRow[]> {
  const table = readTable(cluster, entity)
  const { quote: q, joined } = table.dialect
  const [keyName, atName, valueName] = [key, at, value].map((property) => table.column(property).sql)
  const text = new SqlText(table)
  const range: readonly Condition<Entity>[] = [
    [at, '>=', new Date(from)],
    [at, '<=', new Date(to)],
  ]
  const joinedPoints = joined?.(`${atName} || ${valueName}`, BOUNDARY) ?? ''
  const where = `${keyName} = wanted.column1 AND ${whereSql(table, range, text)}`
  // As bytes, which are looked through without being made a string of JavaScript.
  const points = `CAST((SELECT ${joinedPoints} FROM ${table.sql} WHERE ${where}) AS BLOB)`
  const wanted = keys.map((one) => `(${text.value(one)})`).join(', ')
  const rows = await table.query(
    // Nothing that begins with WITH: it might write, and would wait for its turn.
    `SELECT wanted.column1 AS ${q('key')}, ${points} AS ${q('points')} FROM (VALUES ${wanted}) AS wanted`,
    text.parameters,
  )
  return rows as unknown as readonly JoinedRow[]
}
