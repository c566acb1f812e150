import type { EntityMetadata } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { Database } from '../../cluster/database.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { insertableColumns } from '../../cluster/load/column-writer.js'
import { usedMessage } from '../../cluster/validation/translate-fault.js'
import type { ColumnKind, WritePlan } from './messages.js'

/** How records of an entity are written into one of its databases. */
export function writePlanOf(cluster: Cluster, entity: PlacedEntity, name: string): WritePlan {
  const database = cluster.member(name)
  const metadata = database.dataSource.getMetadata(entity as never)
  const columns = insertableColumns(metadata)
  return {
    ...planBase(database),
    entity: nameOf(entity),
    table: metadata.tableName,
    columns: columns.map((column) => ({
      name: column.databaseName,
      kind: kindOf(column),
      isContent: !column.isCreateDate && !column.isUpdateDate && !column.isVersion,
    })),
    keyIndex: columns.findIndex((column) => column.isPrimary),
    uniques: uniqueKeys(metadata).map((keys) => ({
      indexes: keys.map((key) => columns.indexOf(key)),
      field: keys[0]?.propertyName ?? '',
      message: usedMessage(
        metadata.target,
        keys.map((key) => key.propertyName),
        keys.map(() => ''),
      ),
    })),
  }
}

/** The plan for records that no table can take: only their lines are written, in the control database. */
export function strayPlan(control: Database, entity: string): WritePlan {
  return { ...planBase(control), entity, table: undefined, columns: [], keyIndex: -1, uniques: [] }
}

function planBase({ name, driver, dataSource }: Database) {
  return { database: name, connection: driver.connectionSpec(dataSource.options) }
}

/** Unique keys other than the primary one. */
function uniqueKeys(metadata: EntityMetadata): readonly (readonly ColumnMetadata[])[] {
  const columns = insertableColumns(metadata)
  return [
    ...metadata.uniques.map((unique) => unique.columns),
    ...metadata.indices.filter((index) => index.isUnique && index.where === undefined).map((index) => index.columns),
  ].filter((keys) => keys.length > 0 && keys.every((key) => columns.includes(key)))
}

function kindOf({ type }: ColumnMetadata): ColumnKind {
  const name = typeof type === 'function' ? type.name.toLowerCase() : String(type)
  if (/^(decimal|numeric|money)/.test(name)) return 'decimal'
  if (/int|serial|float|double|real|number/.test(name)) return 'number'
  if (/date|time/.test(name)) return 'instant'
  if (/char|text|string|uuid|enum/.test(name)) return 'text'
  return 'other'
}
