/** What TypeORM's schema builder would do to a database, without doing it. */
import type { DataSource, EntityMetadata, QueryRunner } from 'typeorm'

export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Statements that bring the schema to the entities, and those that undo them, each in the order in which they run. */
export interface SchemaLog {
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
}

interface LoggedQuery {
  readonly query: string
  readonly parameters?: readonly unknown[]
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
  const statement = ({ query, parameters = [] }: LoggedQuery): Statement => ({ sql: query.trim(), parameters })
  return { up: upQueries.map(statement), down: downQueries.map(statement).toReversed() }
}

/** Runs `work` with a runner that reads the schema as the server means it. */
export async function withSchemaRunner<T>(
  dataSource: DataSource,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = schemaRunner(dataSource, await speaksAsMariadb(dataSource))
  try {
    return await work(runner)
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
