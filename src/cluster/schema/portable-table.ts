/**
 * Tables for migrations, written once for every engine: columns as the library's column decorators have them, and
 * CHECK constraints, which TypeORM refuses to create on MySQL.
 */
import { Table, type QueryRunner, type TableColumnOptions, type TableIndexOptions } from 'typeorm'
import type { RuleSql } from '../../columns/field-registry.js'
import type { Driver } from '../../drivers/driver.js'
import { driverOf, engineOfType } from '../../drivers/registry.js'
import { checkName } from '../validation/constraints.js'
import { addMissingChecks } from './mysql-checks.js'

/** What most columns may be told beside their name and size. */
export interface PortableColumnOptions {
  /** @defaultValue false */
  readonly isNullable?: boolean
  /** @defaultValue false */
  readonly isPrimary?: boolean
}

/** The columns that the library's decorators declare, for the engine of one migration. */
export interface PortableColumns {
  /** `@GeneratedId()` */
  id(name?: string): TableColumnOptions
  /** `@Text({ max: length })` */
  text(name: string, length: number, options?: PortableColumnOptions): TableColumnOptions
  /** Text that is compared byte by byte on every engine: `@Email()`, of length 254, or `@Text({ isBinary: true })`. */
  binaryText(name: string, length: number, options?: PortableColumnOptions): TableColumnOptions
  /** Text without a limit. */
  longText(name: string, options?: PortableColumnOptions): TableColumnOptions
  /** Bytes of any number. */
  bytes(name: string, options?: PortableColumnOptions): TableColumnOptions
  /** `@Money()` */
  money(name: string, options?: PortableColumnOptions): TableColumnOptions
  /** `@DecimalNumber()` */
  decimalNumber(name: string, options?: PortableColumnOptions): TableColumnOptions
  /** `@WholeNumber()` whose `min` and `max` fit into 32 bits. */
  integer(name: string, options?: PortableColumnOptions): TableColumnOptions
  /** `@WholeNumber()` of 64 bits. */
  bigInteger(name: string, options?: PortableColumnOptions): TableColumnOptions
  /** `@Instant()` */
  instant(name: string, options?: PortableColumnOptions): TableColumnOptions
  /** `@CreatedAt()` */
  createdAt(name?: string): TableColumnOptions
  /** `@UpdatedAt()` */
  updatedAt(name?: string): TableColumnOptions
}

/** A rule of a column as the schema keeps it; `condition` sees the quoted column. */
export interface PortableCheck {
  readonly column: string
  /** Code of the rule, as in {@link Reason}; the constraint's name is made of it. */
  readonly code: string
  /** Left out on engines where it is `1 = 1`. */
  readonly condition: (column: string, sql: RuleSql) => string
}

/** What {@link createTable} makes. */
export interface PortableTable {
  readonly name: string
  readonly columns: readonly TableColumnOptions[]
  readonly indices?: readonly TableIndexOptions[]
  readonly checks?: readonly PortableCheck[]
  /** For SQLite: rows are stored in the order of the primary key. @defaultValue false */
  readonly withoutRowid?: boolean
}

const BYTES = { sqlite: 'blob', postgres: 'bytea', mysql: 'longblob' } as const

/** The parts of TypeORM's driver that say how dates of rows are kept. */
interface DateTypes {
  readonly createDateDefault: string
  readonly createDatePrecision?: number
  readonly updateDateDefault: string
  readonly updateDatePrecision?: number
}

/**
 * Builders of columns that fit the library's decorators on the engine of a migration.
 *
 * @example
 * const column = columnsFor(runner)
 * await createTable(runner, { name: 'users', columns: [column.id(), column.text('name', 100), column.createdAt()] })
 */
export function columnsFor(runner: QueryRunner): PortableColumns {
  const { engine } = driverFor(runner)
  const dates = runner.connection.driver.mappedDataTypes as unknown as DateTypes
  const identity = { generationStrategy: 'identity', generatedIdentity: 'BY DEFAULT' } as const
  const numbering = engine === 'postgres' ? identity : ({ generationStrategy: 'increment' } as const)
  const collation = engine === 'mysql' ? { collation: 'utf8mb4_bin' } : {}
  // MySQL writes the new date by itself; the other engines leave it to TypeORM.
  const onUpdate = engine === 'mysql' ? { onUpdate: dates.updateDateDefault } : {}
  return {
    id: (name = 'id') => ({ name, type: 'bigint', isPrimary: true, isGenerated: true, ...numbering }),
    text: (name, length, options) => ({ name, type: 'varchar', length: String(length), ...options }),
    binaryText: (name, length, options) => ({
      name,
      type: 'varchar',
      length: String(length),
      ...collation,
      ...options,
    }),
    longText: (name, options) => ({ name, type: engine === 'mysql' ? 'longtext' : 'text', ...options }),
    bytes: (name, options) => ({ name, type: BYTES[engine], ...options }),
    money: (name, options) => ({ name, type: 'decimal', precision: 15, scale: 2, ...options }),
    decimalNumber: (name, options) => ({ name, type: 'double precision', ...options }),
    integer: (name, options) => ({ name, type: engine === 'mysql' ? 'int' : 'integer', ...options }),
    bigInteger: (name, options) => ({ name, type: 'bigint', ...options }),
    instant: (name, options) => ({ name, type: 'datetime', precision: 3, ...options }),
    createdAt: (name = 'createdAt') => ({
      name,
      type: 'datetime',
      default: dates.createDateDefault,
      ...withPrecision(dates.createDatePrecision),
    }),
    updatedAt: (name = 'updatedAt') => ({
      name,
      type: 'datetime',
      default: dates.updateDateDefault,
      ...withPrecision(dates.updateDatePrecision),
      ...onUpdate,
    }),
  }
}

/**
 * Creates a table with its indices and CHECK constraints. MySQL and MariaDB cannot roll a half-made table back, so
 * there a second call completes what the first one left.
 */
export async function createTable(runner: QueryRunner, table: PortableTable): Promise<void> {
  const driver = driverFor(runner)
  const checks = checksOf(table, driver)
  const isMysql = driver.engine === 'mysql'
  const made = new Table({
    name: table.name,
    columns: [...table.columns],
    indices: [...(table.indices ?? [])],
    checks: isMysql ? [] : checks,
    withoutRowid: table.withoutRowid ?? false,
    // TypeORM writes this as it is; without it a database of an old character set would refuse most of Unicode.
    ...(isMysql ? { engine: 'InnoDB DEFAULT CHARACTER SET utf8mb4' } : {}),
  })
  await runner.createTable(made, isMysql)
  if (isMysql) await addMissingChecks(runner, table.name, checks)
}

/** The constraints that an engine can have: MySQL and MariaDB refuse them on columns that they number. */
function checksOf(table: PortableTable, { dialect, engine }: Driver): { name: string; expression: string }[] {
  const numbered = table.columns.filter((column) => column.isGenerated === true).map((column) => column.name)
  return (table.checks ?? [])
    .filter(({ column }) => engine !== 'mysql' || !numbered.includes(column))
    .map(({ column, code, condition }) => ({
      name: checkName(table.name, column, code),
      expression: condition(dialect.quote(column), dialect),
    }))
    .filter(({ expression }) => expression !== '1 = 1')
}

function withPrecision(precision: number | undefined): { precision?: number } {
  return precision === undefined ? {} : { precision }
}

function driverFor(runner: QueryRunner): Driver {
  const { type } = runner.connection.options
  const engine = engineOfType(type)
  if (engine === undefined) throw new TypeError(`columnsFor, createTable: no tables are made on the engine "${type}".`)
  return driverOf(engine)
}
