/** What TypeORM overlooks on MySQL and MariaDB: CHECK constraints, and how text is compared. */
import type { EntityMetadata, QueryRunner, Table } from 'typeorm'
import type { Database } from '../../cluster/database.js'
import { addChecksSql, checkNamesOf, dropChecksSql } from '../../cluster/schema/mysql-checks.js'
import type { SchemaLog, Statement } from './schema-log.js'

export interface MysqlDifferences extends SchemaLog {
  readonly lines: readonly string[]
}

/** The differences of one table; for a table that is missing, what is to be added once it is there. */
export async function mysqlDifferences(
  database: Database,
  runner: QueryRunner,
  { metadata, table }: { readonly metadata: EntityMetadata; readonly table: Table | undefined },
): Promise<MysqlDifferences> {
  const checks = await checkDifferences(database, runner, metadata)
  if (table === undefined) return { ...checks, lines: [], down: [] }
  const collations = collationDifferences(database, metadata, table)
  return {
    lines: [...checks.lines, ...collations.lines],
    up: [...checks.up, ...collations.up],
    down: [...collations.down, ...checks.down],
  }
}

async function checkDifferences(
  database: Database,
  runner: QueryRunner,
  metadata: EntityMetadata,
): Promise<MysqlDifferences> {
  const { tableName } = metadata
  const numbered = metadata.generatedColumns.map((column) => column.propertyName)
  const impossible = database
    .constraintsOf(metadata)
    .filter(({ field }) => numbered.includes(field.property))
    .map(({ name }) => name)
  const wanted = metadata.checks
    .filter(({ name }) => !impossible.includes(name))
    .map(({ name, expression }) => ({ name, expression }))
  const present = await checkNamesOf(runner, tableName)
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
    // The expression of a stale constraint is not known in the form in which it was written.
    down: missing.length > 0 ? [plain(dropChecksSql(tableName, missing.map(({ name }) => name)))] : [],
  }
}

function collationDifferences(
  { dataSource, driver: { dialect } }: Database,
  metadata: EntityMetadata,
  table: Table,
): MysqlDifferences {
  const wrong = metadata.columns.flatMap((column) => {
    const present = table.findColumnByName(column.databaseName)
    const isWrong = column.collation !== undefined && present !== undefined && present.collation !== column.collation
    return isWrong ? [{ column, present }] : []
  })
  const modify = ({ column }: (typeof wrong)[number], collation: string) => {
    const type = `${dataSource.driver.createFullType(column as never)} ${collation}`.trim()
    const [quotedTable, quoted] = [dialect.quote(metadata.tableName), dialect.quote(column.databaseName)]
    return plain(`ALTER TABLE ${quotedTable} MODIFY ${quoted} ${type} ${column.isNullable ? 'NULL' : 'NOT NULL'}`)
  }
  const collate = (name: string | undefined) => (name === undefined || name === '' ? '' : `COLLATE ${name}`)
  return {
    lines: wrong.map(
      ({ column, present }) =>
        `${metadata.tableName}.${column.databaseName} is compared by ${present.collation || 'the default collation'}, ` +
        `the entity says ${column.collation ?? ''}`,
    ),
    up: wrong.map((one) => modify(one, collate(one.column.collation))),
    down: wrong.map((one) => modify(one, collate(one.present.collation))),
  }
}

function plain(sql: string): Statement {
  return { sql, parameters: [] }
}
