/**
 * Points in time of many keys: for each key the moments of a column and the texts of another one, oldest first. SQLite
 * joins the points of a key into two texts, which costs a fifth of as many rows; the other engines send rows.
 */
import { Between, In, type FindOptionsWhere, type ObjectLiteral } from 'typeorm'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { homeOf, rawColumns, type RawColumn } from './raw-values.js'
import { readMoments } from './read-moments.js'
import { rowPages } from './row-pages.js'

/** The points of one key, by index. */
export interface Timeline {
  readonly key: string
  /** Milliseconds since 1970, ascending. */
  readonly at: readonly number[]
  readonly values: readonly string[]
}

/** What {@link timelines} reads. An index should have `key`, `at` and `value`, in this order. */
export interface TimelineOptions<Entity> {
  readonly key: keyof Entity & string
  readonly keys: readonly string[]
  readonly at: keyof Entity & string
  readonly value: keyof Entity & string
  /** First and last moment that count, in milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly signal?: AbortSignal
}

/** Points asked for at once, as far as can be foreseen. */
const POINTS = 40_000
const FIRST_KEYS = 16
const KEYS_MAX = 500
/** Between two values that are joined; a value that has it is read row by row. */
const SEPARATOR = '\u001f'
const SEPARATOR_CODE = SEPARATOR.charCodeAt(0)

/** Reads the points of keys, some keys at a time; a key without points is left out. At a moment values are in order. */
export async function* timelines<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: TimelineOptions<Entity>,
): AsyncGenerator<readonly Timeline[]> {
  const { keys } = options
  const read = homeOf(cluster, entity).database.driver.dialect.joined === undefined ? readRowwise : readJoined
  let [points, seen] = [0, 0]
  for (let next = 0; next < keys.length; ) {
    options.signal?.throwIfAborted()
    const wanted = seen === 0 ? FIRST_KEYS : Math.floor(POINTS / Math.max(1, points / seen))
    const some = keys.slice(next, next + Math.min(KEYS_MAX, Math.max(1, wanted)))
    const found = await read(cluster, entity, { ...options, keys: some })
    yield found
    next += some.length
    seen += some.length
    for (const { at } of found) points += at.length
  }
}

async function readRowwise<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  { key, keys, at, value, from, to }: TimelineOptions<Entity>,
): Promise<readonly Timeline[]> {
  const found: { key: string; at: number[]; values: string[] }[] = []
  const where = { [key]: In(keys), [at]: Between(new Date(from), new Date(to)) } as FindOptionsWhere<Entity>
  const columns = [key, at, value]
  for await (const rows of rowPages(cluster, entity, { columns, orderBy: columns, where })) {
    for (const row of rows as unknown as Record<string, unknown>[]) {
      let last = found.at(-1)
      if (last === undefined || last.key !== row[key]) {
        last = { key: String(row[key]), at: [], values: [] }
        found.push(last)
      }
      last.at.push(Number(row[at]))
      last.values.push(String(row[value]))
    }
  }
  return found
}

async function readJoined<Entity extends ObjectLiteral>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: TimelineOptions<Entity>,
): Promise<readonly Timeline[]> {
  const { database, metadata } = homeOf(cluster, entity)
  const { dataSource, driver } = database
  const { quote: q, placeholder: p, joined } = driver.dialect
  const columns = rawColumns(dataSource, metadata, [options.key, options.at, options.value])
  const [key, at] = columns as [RawColumn, RawColumn, RawColumn]
  const [keyName, atName, valueName] = columns.map((column) => q(column.metadata.databaseName)) as [
    string,
    string,
    string,
  ]
  const bounds = [options.from, options.to].map((ms) =>
    dataSource.driver.preparePersistentValue(new Date(ms), at.metadata),
  )
  const marks = options.keys.map((_, index) => p(index + 1)).join(', ')
  const rows: Record<string, unknown>[] = await dataSource.query(
    `SELECT ${keyName} AS ${q(key.property)}, ${joined?.(atName, '')} AS ${q('moments')}, ` +
      `${joined?.(valueName, SEPARATOR)} AS ${q('texts')} FROM ${q(metadata.tableName)} WHERE ${keyName} IN (${marks}) ` +
      `AND ${atName} BETWEEN ${p(options.keys.length + 1)} AND ${p(options.keys.length + 2)} GROUP BY ${keyName}`,
    [...options.keys, ...bounds],
  )
  const found: Timeline[] = []
  const others: string[] = []
  for (const row of rows) {
    const moments = readMoments(String(row['moments']))
    const texts = splitRuns(String(row['texts']))
    if (moments?.length === texts.length && isAscending(moments, texts)) {
      found.push({ key: String(row[key.property]), at: moments, values: texts })
    } else others.push(String(row[key.property]))
  }
  return others.length === 0 ? found : [...found, ...(await readRowwise(cluster, entity, { ...options, keys: others }))]
}

/** The joined texts; one that repeats the one before is the same string, so that a long run takes no memory. */
function splitRuns(joined: string): string[] {
  const texts: string[] = []
  let last: string | undefined
  for (let at = 0; at <= joined.length; ) {
    const end = last === undefined || !joined.startsWith(last, at) ? -1 : at + last.length
    if (last === undefined || (end !== joined.length && joined.charCodeAt(end) !== SEPARATOR_CODE)) {
      const next = joined.indexOf(SEPARATOR, at)
      last = joined.slice(at, next < 0 ? joined.length : next)
    }
    texts.push(last)
    at += last.length + 1
  }
  return texts
}

/** The engine joins in the order of the index, but does not promise it. */
function isAscending(at: readonly number[], values: readonly string[]): boolean {
  for (let index = 1; index < at.length; index++) {
    const [before, here] = [at[index - 1] as number, at[index] as number]
    if (before > here || (before === here && (values[index - 1] as string) > (values[index] as string))) return false
  }
  return true
}
