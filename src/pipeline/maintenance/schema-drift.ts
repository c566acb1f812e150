/** How the schema of one database differs from its entities. */
import type { EntityMetadata } from 'typeorm'
import type { Database } from '../../cluster/database.js'
import { mysqlDifferences, type MysqlDifferences } from './mysql-differences.js'
import { loadTable, schemaLog, type SchemaLog } from './schema-log.js'
import { tableDifferences } from './table-differences.js'

export interface SchemaDrift extends SchemaLog {
  /** One sentence a difference; none when the schema is what the entities say. */
  readonly lines: readonly string[]
  readonly metadatas: readonly EntityMetadata[]
}

interface EntityDrift {
  readonly metadata: EntityMetadata
  readonly lines: readonly string[]
  readonly extra: MysqlDifferences
}

const NO_EXTRA: MysqlDifferences = { lines: [], up: [], down: [] }

/** Compares the tables of the entities that `isMeant` picks. */
export async function driftOf(
  database: Database,
  isMeant: (metadata: EntityMetadata) => boolean = () => true,
): Promise<SchemaDrift> {
  const { dataSource } = database
  // Connects: what TypeORM knows of the server is part of its comparison.
  await dataSource.query('SELECT 1')
  const metadatas = dataSource.entityMetadatas.filter((metadata) => metadata.synchronize && isMeant(metadata))
  const log = await schemaLog(dataSource, metadatas)
  const drifts: EntityDrift[] = []
  for (const metadata of metadatas.filter(hasTable)) {
    const drift = await entityDrift(database, metadata, log.up.length > 0)
    if (drift.lines.length > 0) drifts.push(drift)
  }
  const isSilent = drifts.length === 0 && log.up.length > 0
  return {
    // What no entity accounts for (a view, say) is told as it is.
    lines: isSilent ? log.up.map(({ sql }) => sql) : drifts.flatMap(({ lines }) => lines),
    metadatas: isSilent ? metadatas : drifts.map(({ metadata }) => metadata),
    up: [...log.up, ...drifts.flatMap(({ extra }) => extra.up)],
    down: [...drifts.flatMap(({ extra }) => extra.down), ...log.down],
  }
}

/** The drift of one entity; `isLogged` says that TypeORM has found differences, its own or another's. */
async function entityDrift(database: Database, metadata: EntityMetadata, isLogged: boolean): Promise<EntityDrift> {
  const { dataSource, driver } = database
  if (!isLogged && driver.engine !== 'mysql') return { metadata, lines: [], extra: NO_EXTRA }
  const table = await loadTable(dataSource, metadata)
  const extra = driver.engine === 'mysql' ? await mysqlDifferences(database, metadata, table === undefined) : NO_EXTRA
  const { up } = isLogged ? await schemaLog(dataSource, [metadata]) : { up: [] }
  const told = up.length > 0 ? tableDifferences(dataSource, metadata, table) : []
  // TypeORM has the last word on what differs; where no sentence is known for it, its statement stands.
  const lines = told.length === 0 ? up.map(({ sql }) => sql) : told
  return { metadata, lines: [...lines, ...extra.lines], extra }
}

function hasTable({ tableType }: EntityMetadata): boolean {
  return tableType !== 'entity-child' && tableType !== 'view'
}
