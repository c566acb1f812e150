/** What TypeORM overlooks on MySQL and MariaDB: CHECK constraints, and how text is compared. */
import type { DataSource, EntityMetadata, TableColumn } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { Database } from '../../cluster/database.js'
import { addChecksSql, checkNamesOf, dropChecksSql } from '../../cluster/schema/mysql-checks.js'
import type { SchemaLog, Statement } from './schema-log.js'

export interface MysqlDifferences extends SchemaLog {
  readonly lines: readonly string[]
}

/** The differences of one table; for a table that is missing, what is to be added once it is there. */
export async function mysqlDifferences(
  database: Database,
  metadata: EntityMetadata,
  isMissing: boolean,
): Promise<MysqlDifferences> {
  const checks = await checkDifferences(database, metadata)
  if (isMissing) return { ...checks, lines: [], down: [] }
  const collations = await collationDifferences(database, metadata)
  return {
    lines: [...checks.lines, ...collations.lines],
    up: [...checks.up, ...collations.up],
    down: [...collations.down, ...checks.down],
  }
}

async function checkDifferences(database: Database, metadata: EntityMetadata): Promise<MysqlDifferences> {
  const { tableName } = metadata
  const numbered = metadata.generatedColumns.map((column) => column.propertyName)
  const impossible = database
    .constraintsOf(metadata)
    .filter(({ field }) => numbered.includes(field.property))
    .map(nameOfCheck)
  const wanted = metadata.checks
    .filter(({ name }) => !impossible.includes(name))
    .map(({ name, expression }) => ({ name, expression }))
  const present = await checkNamesOf(database.dataSource, tableName)
  const missing = wanted.filter(({ name }) => !present.has(name))
  // Others are the server's own (a JSON column has one) or the user's.
  const isOurs = (name: string) => name.startsWith(`ck_${tableName}_`)
  const stale = [...present].filter((name) => isOurs(name) && !wanted.some((check) => check.name === name))
  return {
    lines: [
      ...missing.map(({ name }) => `check ${name} on ${tableName} is missing`),
      ...stale.map((name) => `check ${name} on ${tableName} is not in the entity`),
    ],
    up: [
      ...(stale.length > 0 ? [plain(dropChecksSql(tableName, stale))] : []),
      ...(missing.length > 0 ? [plain(addChecksSql(tableName, missing))] : []),
    ],
    // What a stale constraint said is not known, so that there is no way back to it.
    down: missing.length > 0 ? [plain(dropChecksSql(tableName, missing.map(nameOfCheck)))] : [],
  }
}

async function collationDifferences(database: Database, metadata: EntityMetadata): Promise<MysqlDifferences> {
  const { dataSource } = database
  const quote = (name: string) => database.driver.dialect.quote(name)
  const present = await collationsOf(dataSource, metadata.tableName)
  const wrong = metadata.columns.flatMap((column) => {
    const is = present.get(column.databaseName)
    const says = column.collation
    return is === undefined || says === undefined || is === says ? [] : [{ column, is, says }]
  })
  const modify = (column: ColumnMetadata, collation: string) => {
    const type = dataSource.driver.createFullType(column as unknown as TableColumn)
    const nulls = column.isNullable ? 'NULL' : 'NOT NULL'
    const value = dataSource.driver.normalizeDefault(column)
    const rest = value === undefined ? nulls : `${nulls} DEFAULT ${value}`
    const change = `MODIFY ${quote(column.databaseName)} ${type} COLLATE ${collation} ${rest}`
    return plain(`ALTER TABLE ${quote(metadata.tableName)} ${change}`)
  }
  return {
    lines: wrong.map(
      ({ column, is, says }) =>
        `${metadata.tableName}.${column.databaseName} is compared by ${is}, the entity says ${says}`,
    ),
    up: wrong.map(({ column, says }) => modify(column, says)),
    down: wrong.map(({ column, is }) => modify(column, is)),
  }
}

/** The collation of each text column; TypeORM leaves out those that are the database's default. */
async function collationsOf(dataSource: DataSource, table: string): Promise<ReadonlyMap<string, string>> {
  const rows: { name: string; collation: string | null }[] = await dataSource.query(
    'SELECT COLUMN_NAME AS name, COLLATION_NAME AS collation FROM information_schema.COLUMNS ' +
      'WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [table],
  )
  return new Map(rows.flatMap(({ name, collation }) => (collation === null ? [] : [[name, collation]])))
}

function plain(sql: string): Statement {
  return { sql, parameters: [] }
}

function nameOfCheck({ name }: { readonly name: string }): string {
  return name
}
