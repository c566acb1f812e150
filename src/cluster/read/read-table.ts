/** How an entity is read without TypeORM's entities: its table, its columns, and their values between class and SQL. */
import type { DataSource, EntityMetadata } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { driverError, type Dialect, type EngineName, type Row } from '../../drivers/driver.js'
import { fieldsOf } from '../../columns/field-registry.js'
import { ShardyardError } from '../../errors.js'
import type { Cluster } from '../cluster.js'
import { nameOf, type PlacedEntity } from '../entity.js'
import { MOMENT_LENGTH, readMoment } from './read-moments.js'

/** What a column holds, as far as SQL has to know. */
export type ColumnKind = 'text' | 'whole' | 'decimal' | 'float' | 'instant' | 'other'

/** A column as SQL knows it. */
export interface ReadColumn {
  readonly property: string
  readonly kind: ColumnKind
  readonly isNullable: boolean
  /** Its name, quoted. */
  readonly sql: string
  /** What compares and groups alike on every engine: text byte by byte. */
  readonly exactSql: string
  /** What is selected so that no digit is lost on the way. */
  readonly selectSql: string
  readonly metadata: ColumnMetadata
  /** A selected value as the class has it. */
  readonly decode: (value: unknown) => unknown
}

/** The table of an entity in the database that a read of it goes to. */
export interface ReadTable {
  readonly entity: string
  readonly database: string
  readonly engine: EngineName
  readonly dialect: Dialect
  readonly dataSource: DataSource
  readonly metadata: EntityMetadata
  /** Its name, quoted. */
  readonly sql: string
  /** @throws SY_OPTION_INVALID when the entity has no such column */
  column(property: string): ReadColumn
  /** Runs a statement, through the gate of its database like every other. */
  readonly query: (sql: string, parameters: readonly unknown[]) => Promise<readonly Row[]>
}

/**
 * Where and how an entity is read; from another database than the router's when one is named.
 *
 * @throws SY_ENTITY_UNKNOWN when it is not placed
 */
export function readTable(
  cluster: Cluster,
  entity: PlacedEntity,
  database = cluster.router.routeForRead(entity).database,
): ReadTable {
  const { dataSource, driver } = cluster.member(database)
  const { dialect, engine } = driver
  const metadata = dataSource.getMetadata(entity as never)
  const columns = new Map<string, ReadColumn>()
  return {
    entity: nameOf(entity),
    database,
    engine,
    dialect,
    dataSource,
    metadata,
    sql: metadata.tablePath.split('.').map(dialect.quote).join('.'),
    column(property) {
      const known = columns.get(property) ?? readColumn(nameOf(entity), metadata, dialect, property)
      columns.set(property, known)
      return known
    },
    async query(sql, parameters) {
      return withTable(cluster, { database, metadata }, async () => {
        return (await dataSource.query(sql, [...parameters])) as readonly Row[]
      })
    },
  }
}

/** Runs work on a table. @throws SY_SCHEMA_DRIFT when the database does not have it */
export async function withTable<T>(
  cluster: Cluster,
  { database, metadata }: Pick<ReadTable, 'database' | 'metadata'>,
  work: () => Promise<T>,
): Promise<T> {
  const member = cluster.member(database)
  // A look into an SQLite file that nobody has written would make it.
  if (!member.isOpen && !member.exists) throw noTable(metadata.tableName, database)
  try {
    return await work()
  } catch (error) {
    throw isMissingTable(error) ? noTable(metadata.tableName, database, error) : error
  }
}

function readColumn(entity: string, metadata: EntityMetadata, dialect: Dialect, property: string): ReadColumn {
  const column = metadata.findColumnWithPropertyPath(property)
  if (column === undefined) throw unknownColumn(entity, metadata, property)
  const kind = kindOf(column)
  const sql = dialect.quote(column.databaseName)
  return {
    property,
    kind,
    isNullable: column.isNullable,
    sql,
    exactSql: kind === 'text' && column.collation !== 'utf8mb4_bin' ? dialect.exactText(sql) : sql,
    // A client may make a double of 64 bits, unless a transformer says that doubles are enough.
    selectSql: kind === 'whole' && isWide(column) && !hasTransformer(column) ? dialect.asText(sql) : sql,
    metadata: column,
    decode: decoderOf(column, kind),
  }
}

/** A key that may be null would lose rows: nothing comes after null. @throws SY_OPTION_INVALID */
export function requireFilled(entity: string, key: readonly ReadColumn[]): void {
  const nullable = key.find(({ isNullable }) => isNullable)
  if (nullable === undefined) return
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `Rows of ${entity} cannot be read in the order of "${nullable.property}", because it may be null.`,
    { details: { entity, column: nullable.property } },
  )
}

/** Whether a table was not there, as SQLite, PostgreSQL and MySQL say it. */
export function isMissingTable(error: unknown): boolean {
  const { code, errno, message } = driverError(error)
  return code === '42P01' || errno === 1146 || String(message).includes('no such table')
}

function noTable(table: string, database: string, cause?: unknown): ShardyardError {
  return new ShardyardError(
    'SY_SCHEMA_DRIFT',
    `The database "${database}" has no table "${table}". Run "shardyard migrate" first.`,
    { cause, details: { database, table } },
  )
}

function unknownColumn(entity: string, metadata: EntityMetadata, property: string): ShardyardError {
  const known = metadata.columns.map(({ propertyPath }) => propertyPath).join(', ')
  return new ShardyardError('SY_OPTION_INVALID', `${entity} has no column "${property}". It has ${known}.`, {
    details: { entity, column: property },
  })
}

const KINDS: readonly (readonly [ColumnKind, RegExp])[] = [
  ['text', /^(varchar|char|text|character varying|character|nvarchar|nchar|longtext|mediumtext|tinytext)$/],
  ['whole', /^(int|integer|bigint|smallint|tinyint|mediumint|int2|int4|int8)$/],
  ['decimal', /^(decimal|numeric|dec)$/],
  ['float', /^(float|real|double|double precision|float4|float8)$/],
  ['instant', /^(datetime|timestamp|timestamptz|timestamp with time zone|timestamp without time zone)$/],
]

/** Constructors stand for types of each engine's own choice. */
const BY_CONSTRUCTOR = new Map<unknown, ColumnKind>([
  [String, 'text'],
  [Number, 'whole'],
  [Date, 'instant'],
])

function kindOf({ type, isArray }: ColumnMetadata): ColumnKind {
  if (isArray) return 'other'
  if (typeof type !== 'string') return BY_CONSTRUCTOR.get(type) ?? 'other'
  return KINDS.find(([, pattern]) => pattern.test(type))?.[0] ?? 'other'
}

function isWide({ type }: ColumnMetadata): boolean {
  return type === 'bigint' || type === 'int8'
}

function hasTransformer({ transformer }: ColumnMetadata): boolean {
  return transformer !== undefined && (!Array.isArray(transformer) || transformer.length > 0)
}

/** Answers what it is given. */
export function asIs(value: unknown): unknown {
  return value
}

/** The usual form in which SQLite keeps a moment, which TypeORM reads ten times as slowly. */
function quickDate(value: unknown): Date | undefined {
  if (typeof value !== 'string' || value.length !== MOMENT_LENGTH) return undefined
  const moment = readMoment(value)
  return moment === undefined ? undefined : new Date(moment)
}

function decoderOf(column: ColumnMetadata, kind: ColumnKind): (value: unknown) => unknown {
  const { driver } = column.entityMetadata.connection
  const hydrate = (value: unknown): unknown => driver.prepareHydratedValue(value, column)
  // Our own decorators change a text on its way in only.
  const isOwn = kind === 'text' && fieldsOf(column.entityMetadata.target).has(column.propertyName)
  if (hasTransformer(column) && !isOwn) return hydrate
  switch (kind) {
    case 'text':
    case 'float':
      return asIs
    case 'whole':
      return isWide(column) ? (value) => (value === null ? null : String(value)) : asIs
    case 'decimal':
      return (value) => (typeof value === 'number' ? value.toFixed(column.scale ?? 0) : value)
    case 'instant':
      return (value) => quickDate(value) ?? hydrate(value)
    case 'other':
      return hydrate
    default:
      return kind satisfies never
  }
}
