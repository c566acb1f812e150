/** Rows of an entity in the order of a key, page by page, without entities being made of them. */
import {
  FindOperator,
  type EntityMetadata,
  type FindOptionsWhere,
  type ObjectLiteral,
  type SelectQueryBuilder,
} from 'typeorm'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { homeOf, isInstant, rawColumns, readRows, type RawColumn, type RawRow } from './raw-values.js'

/** What {@link rowPages} reads. */
export interface RowPagesOptions<Entity, Name extends keyof Entity & string> {
  /** Properties to read. */
  readonly columns: readonly Name[]
  /** Properties among `columns` whose values, together, no two rows share and no row lacks: an index should have them. */
  readonly orderBy: readonly Name[]
  /** Values of `orderBy`; the rows behind them are read. @defaultValue all */
  readonly after?: readonly unknown[]
  /** @defaultValue all */
  readonly where?: FindOptionsWhere<Entity> | FindOptionsWhere<Entity>[]
  /** @defaultValue 10000 */
  readonly pageRows?: number
  readonly signal?: AbortSignal
}

const PAGE_ROWS = 10_000
const ALIAS = 'row'

/**
 * Reads rows in ascending order of a key: one page is in memory, and nothing is held open between two of them, so rows
 * that are written meanwhile may or may not be among them. Moments come as milliseconds since 1970. The order of texts
 * is that of the database.
 *
 * @example
 * for await (const rows of rowPages(cluster, Order, { columns: ['id', 'userId'], orderBy: ['id'] })) count += rows.length
 */
export async function* rowPages<Entity extends ObjectLiteral, Name extends keyof Entity & string>(
  cluster: Cluster,
  entity: PlacedEntity<Entity>,
  options: RowPagesOptions<Entity, Name>,
): AsyncGenerator<readonly RawRow<Entity, Name>[]> {
  const { columns, orderBy, signal, pageRows = PAGE_ROWS } = options
  checkInteger('pageRows', pageRows, { min: 1, max: 1_000_000 })
  requireKey(columns, orderBy)
  const { database, metadata } = homeOf(cluster, entity)
  const raw = rawColumns(database.dataSource, metadata, columns)
  const key = orderBy.map((property) => raw[columns.indexOf(property)] as RawColumn)
  for (let after = options.after; ; ) {
    signal?.throwIfAborted()
    const query = cluster.repository(entity, { access: 'read' }).createQueryBuilder(ALIAS)
    const rows = await pageOf(query, { raw, key, after, where: options.where, pageRows })
    readRows(raw, rows)
    if (rows.length > 0) yield rows as unknown as RawRow<Entity, Name>[]
    if (rows.length < pageRows) return
    after = orderBy.map((property) => rows.at(-1)?.[property])
  }

  function pageOf(query: SelectQueryBuilder<Entity>, page: Page<Entity>): Promise<Record<string, unknown>[]> {
    const { dialect } = database.driver
    const nameOfColumn = ({ metadata: { databaseName } }: RawColumn) =>
      `${dialect.quote(ALIAS)}.${dialect.quote(databaseName)}`
    query.select([])
    for (const column of page.raw) {
      const name = nameOfColumn(column)
      query.addSelect(isInstant(column.metadata) ? dialect.instantMs(name) : name, column.property)
    }
    const { lists, rest } = splitLists(metadata, page.where)
    if (rest !== undefined) query.where(rest)
    for (const [at, { column, values }] of lists.entries()) {
      const name = `${dialect.quote(ALIAS)}.${dialect.quote(column)}`
      query.andWhere(`${name} IN (:...list${at})`, { [`list${at}`]: values })
    }
    if (page.after !== undefined) query.andWhere(...behind(page.key, page.key.map(nameOfColumn), page.after))
    for (const column of page.key) query.addOrderBy(nameOfColumn(column))
    return query.limit(page.pageRows).getRawMany()
  }
}

interface Page<Entity> {
  readonly raw: readonly RawColumn[]
  readonly key: readonly RawColumn[]
  readonly after: readonly unknown[] | undefined
  readonly where: FindOptionsWhere<Entity> | FindOptionsWhere<Entity>[] | undefined
  readonly pageRows: number
}

/** Written out, as MySQL finds no range in `(a, b) > (1, 2)`; the first column also alone, for the same reason. */
function behind(
  key: readonly RawColumn[],
  names: readonly string[],
  after: readonly unknown[],
): [string, Record<string, unknown>] {
  const parameters: Record<string, unknown> = {}
  for (const [at, { metadata }] of key.entries()) {
    const value = after[at]
    parameters[`after${at}`] = isInstant(metadata) && typeof value === 'number' ? new Date(value) : value
  }
  const steps = key.map((_, at) =>
    [...names.slice(0, at).map((name, index) => `${name} = :after${index}`), `${names[at]} > :after${at}`].join(
      ' AND ',
    ),
  )
  return [`${names[0]} >= :after0 AND (${steps.map((step) => `(${step})`).join(' OR ')})`, parameters]
}

/**
 * Takes lists of plain values out of a condition: TypeORM makes a parameter with a name of each value, which takes longer
 * than to read the rows.
 */
function splitLists<Where extends object>(metadata: EntityMetadata, where: Where | undefined) {
  const lists: { readonly column: string; readonly values: readonly unknown[] }[] = []
  if (where === undefined || Array.isArray(where)) return { lists, rest: where }
  const rest = Object.entries(where).filter(([property, condition]) => {
    const column = metadata.findColumnWithPropertyName(property)
    const values =
      condition instanceof FindOperator && condition.type === 'in' ? (condition.value as unknown) : undefined
    const isPlain = column !== undefined && column.transformer === undefined && !isInstant(column)
    if (!isPlain || !Array.isArray(values) || values.length === 0) return true
    lists.push({ column: column.databaseName, values })
    return false
  })
  return { lists, rest: Object.fromEntries(rest) as Where }
}

function requireKey(columns: readonly string[], orderBy: readonly string[]): void {
  if (orderBy.length > 0 && orderBy.every((property) => columns.includes(property))) return
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected \`orderBy\` to be some of \`columns\`, got ${JSON.stringify(orderBy)}.`,
    { details: { option: 'orderBy' } },
  )
}
