/** How a table differs from its entity, in sentences for people. */
import { Table, type DataSource, type EntityMetadata, type TableColumn } from 'typeorm'

/** One sentence a difference; the table is the one the entity has, undefined when there is none. */
export function tableDifferences(dataSource: DataSource, metadata: EntityMetadata, table: Table | undefined): string[] {
  if (table === undefined) return [`table ${metadata.tableName} is missing`]
  const wanted = Table.create(metadata, dataSource.driver)
  return [
    ...columnDifferences(dataSource, metadata, { table, wanted }),
    ...constraintDifferences(dataSource, metadata, { table, wanted }),
    ...nameDifferences('foreign key', metadata.tableName, table.foreignKeys, metadata.foreignKeys),
  ]
}

function constraintDifferences(
  { options }: DataSource,
  { tableName, indices }: EntityMetadata,
  { table, wanted }: { readonly table: Table; readonly wanted: Table },
): string[] {
  const foreign = indices.filter((index) => !index.synchronize).map(({ name }) => name)
  const present = table.indices.filter(({ name }) => name === undefined || !foreign.includes(name))
  // On MySQL a unique constraint is an index, and TypeORM knows of no checks.
  if (options.type === 'mysql' || options.type === 'mariadb') {
    const uniques = wanted.uniques.map(({ name }) => ({ name, isUnique: true }))
    return nameDifferences('index', tableName, present, [...wanted.indices, ...uniques])
  }
  return [
    ...nameDifferences('index', tableName, present, wanted.indices),
    ...nameDifferences('unique constraint', tableName, table.uniques, wanted.uniques),
    ...nameDifferences('check', tableName, table.checks, wanted.checks),
  ]
}

function columnDifferences(
  dataSource: DataSource,
  metadata: EntityMetadata,
  { table, wanted }: { readonly table: Table; readonly wanted: Table },
): string[] {
  const { tableName } = metadata
  const missing = wanted.columns.filter(({ name }) => table.findColumnByName(name) === undefined)
  const extra = table.columns.filter(({ name }) => wanted.findColumnByName(name) === undefined)
  const changed = dataSource.driver.findChangedColumns(table.columns, metadata.columns)
  const changes = changed.map(({ databaseName }) => {
    const is = describe(dataSource, table.findColumnByName(databaseName))
    const says = describe(dataSource, wanted.findColumnByName(databaseName))
    const difference = is === says ? 'differs from the entity' : `is ${is}, the entity says ${says}`
    return `${tableName}.${databaseName} ${difference}`
  })
  return [
    ...missing.map((column) => `${tableName}.${column.name} is missing (${describe(dataSource, column)})`),
    ...extra.map((column) => `${tableName}.${column.name} is not in the entity`),
    ...changes,
  ]
}

interface Named {
  readonly name?: string | undefined
  readonly isUnique?: boolean
}

function nameDifferences(kind: string, table: string, present: readonly Named[], wanted: readonly Named[]): string[] {
  const missing = wanted.filter(({ name }) => !present.some((one) => one.name === name))
  const extra = present.filter(({ name }) => !wanted.some((one) => one.name === name))
  const changed = wanted.filter(({ name, isUnique }) =>
    present.some((one) => one.name === name && (one.isUnique ?? false) !== (isUnique ?? false)),
  )
  return [
    ...missing.map(({ name }) => `${kind} ${name ?? ''} on ${table} is missing`),
    ...extra.map(({ name }) => `${kind} ${name ?? ''} on ${table} is not in the entity`),
    ...changed.map(
      ({ name, isUnique }) => `${kind} ${name ?? ''} on ${table} should ${isUnique ? '' : 'not '}be unique`,
    ),
  ]
}

/** `varchar(100) not null default 'x'` */
function describe({ driver }: DataSource, column: TableColumn | undefined): string {
  if (column === undefined) return 'missing'
  const parts = [
    driver.createFullType(column).toLowerCase(),
    column.isNullable ? 'null' : 'not null',
    column.default === undefined || column.default === null ? '' : `default ${String(column.default)}`,
    column.isPrimary ? 'primary key' : '',
    column.isUnique ? 'unique' : '',
    column.isGenerated ? 'generated' : '',
  ]
  return parts.filter((part) => part !== '').join(' ')
}
