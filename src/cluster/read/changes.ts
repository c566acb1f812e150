/**
 * When a text of each of many keys changes: of the points that a key has in time, those that differ from the point
 * before. SQLite joins the points of a key into two texts, which costs a fifth of as many rows; the other engines send
 * rows.
 */
import type { ObjectLiteral } from 'typeorm'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import type { Condition } from './conditions.js'
import { readJoinedChanges, SEPARATOR, type Changes } from './joined-changes.js'
import { homeOf, rawColumns, type RawColumn } from './raw-values.js'
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
  const { keys, signal } = options
  const read = homeOf(cluster, entity).database.driver.dialect.joined === undefined ? readRowwise : readJoined
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
  for (const { key, moments, texts } of rows) {
    const changes = readJoinedChanges(moments, texts)
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
  readonly moments: string
  readonly texts: string
}

async function joinedRows<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { key, keys, at, value, from, to }: ChangesOptions<Entity>,
): Promise<readonly JoinedRow[]> {
  const { database, metadata } = homeOf(cluster, entity)
  const { dataSource, driver } = database
  const { quote: q, placeholder: p, joined } = driver.dialect
  const columns = rawColumns(dataSource, metadata, [key, at, value]) as readonly [RawColumn, RawColumn, RawColumn]
  const [keyName, atName, valueName] = columns.map((column) => q(column.metadata.databaseName))
  const bound = (ms: number): unknown => dataSource.driver.preparePersistentValue(new Date(ms), columns[1].metadata)
  const marks = keys.map((_, index) => p(index + 1)).join(', ')
  const rows = await readTable(cluster, entity).query(
    `SELECT ${keyName} AS ${q('key')}, ${joined?.(atName ?? '', '')} AS ${q('moments')}, ` +
      `${joined?.(valueName ?? '', SEPARATOR)} AS ${q('texts')} FROM ${q(metadata.tableName)} ` +
      `WHERE ${keyName} IN (${marks}) AND ${atName} BETWEEN ${p(keys.length + 1)} AND ${p(keys.length + 2)} ` +
      `GROUP BY ${keyName}`,
    [...keys, bound(from), bound(to)],
  )
  return rows as unknown as readonly JoinedRow[]
}
