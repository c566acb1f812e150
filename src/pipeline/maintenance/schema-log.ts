/** What TypeORM's schema builder would do to a database, without doing it. */
import type { DataSource, EntityMetadata, QueryRunner, Table } from 'typeorm'

export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Statements that bring the schema to the entities, and those that undo them, each in the order in which they run. */
export interface SchemaLog {
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
}

/** The statements for the tables of some entities. */
export async function schemaLog(dataSource: DataSource, metadatas: readonly EntityMetadata[]): Promise<SchemaLog> {
  const isMariadb = await speaksAsMariadb(dataSource)
  const builder = dataSource.driver.createSchemaBuilder()
  const view: DataSource = Object.create(dataSource, {
    entityMetadatas: { value: metadatas },
    createQueryRunner: { value: () => schemaRunner(dataSource, isMariadb) },
  })
  // TypeORM 1 and 0.3 name it differently.
  Object.assign(builder, { ['dataSource' in builder ? 'dataSource' : 'connection']: view })
  const { upQueries, downQueries } = await builder.log()
  return { up: upQueries.map(statement), down: downQueries.map(statement).toReversed() }
}

/** The table of an entity as it is in the database; undefined when it is missing. */
export async function loadTable(dataSource: DataSource, metadata: EntityMetadata): Promise<Table | undefined> {
  const runner = schemaRunner(dataSource, await speaksAsMariadb(dataSource))
  try {
    return await runner.getTable(metadata.tablePath)
  } finally {
    await runner.release()
  }
}

/** True for a MariaDB under the name `mysql`: TypeORM reads its defaults wrongly unless the options say `mariadb`. */
async function speaksAsMariadb(dataSource: DataSource): Promise<boolean> {
  if (dataSource.options.type !== 'mysql') return false
  const rows: { version: string }[] = await dataSource.query('SELECT VERSION() AS version')
  return rows[0]?.version.includes('MariaDB') === true
}

function schemaRunner(dataSource: DataSource, isMariadb: boolean): QueryRunner {
  const runner = dataSource.createQueryRunner('master')
  if (!isMariadb) return runner
  const options = { ...dataSource.driver.options, type: 'mariadb' }
  const driver: unknown = Object.create(dataSource.driver, { options: { value: options } })
  return Object.assign(runner, { driver })
}

function statement({ query, parameters = [] }: { query: string; parameters?: readonly unknown[] }): Statement {
  return { sql: query.trim(), parameters }
}
