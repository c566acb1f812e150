/** Values of rows that are read without entities: what a column's value costs is paid for each of millions. */
import type { DataSource, EntityMetadata } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { ShardyardError } from '../../errors.js'
import { fieldsOf } from '../../columns/field-registry.js'
import type { Cluster } from '../cluster.js'
import { nameOf, type PlacedEntity } from '../entity.js'
import { MOMENT_LENGTH, readMoment } from './read-moments.js'

/** The values of a row by property, as an entity has them; moments are milliseconds since 1970. */
export type RawRow<Entity, Name extends keyof Entity> = {
  readonly [Key in Name]: Date extends Entity[Key] ? Exclude<Entity[Key], Date> | number : Entity[Key]
}

/** A column that is read. */
export interface RawColumn {
  readonly property: string
  readonly metadata: ColumnMetadata
  /** How the value that the client gives becomes that of the row; undefined when it is that already. */
  readonly read: ((value: unknown) => unknown) | undefined
}

/** Where an entity is read, and what is known of it there. */
export function homeOf(cluster: Cluster, entity: PlacedEntity) {
  const database = cluster.member(cluster.router.routeForRead(entity, {}).database)
  return { database, metadata: database.dataSource.getMetadata(entity as never) }
}

/** The columns of properties. @throws SY_OPTION_INVALID when there is no such property */
export function rawColumns(
  dataSource: DataSource,
  metadata: EntityMetadata,
  properties: readonly string[],
): readonly RawColumn[] {
  return properties.map((property) => {
    const column = metadata.findColumnWithPropertyName(property)
    if (column === undefined) {
      throw new ShardyardError(
        'SY_OPTION_INVALID',
        `Expected \`columns\` to name properties of ${nameOf(metadata.target as PlacedEntity)}, got ${JSON.stringify(property)}.`,
        { details: { option: 'columns' } },
      )
    }
    return { property, metadata: column, read: readerOf(dataSource, column) }
  })
}

export function isInstant({ type }: ColumnMetadata): boolean {
  return type === Date || /^(?:datetime|timestamp)/.test(String(type))
}

function readerOf({ driver }: DataSource, column: ColumnMetadata): RawColumn['read'] {
  if (isInstant(column)) return readInstantMs
  const { type } = column
  const isText = type === String || /char|text/.test(String(type))
  // Our own decorators change a text on its way in only.
  const isOwn = fieldsOf(column.entityMetadata.target).has(column.propertyName)
  if (isText && (isOwn || column.transformer === undefined)) return undefined
  return (value) => driver.prepareHydratedValue(value, column)
}

/** Puts what is to be read in place of what the client gave. */
export function readRows(columns: readonly RawColumn[], rows: readonly Record<string, unknown>[]): void {
  for (const { property, read } of columns) {
    if (read === undefined) continue
    for (const row of rows) row[property] = read(row[property])
  }
}

/** A moment as `instantMs` of a dialect gives it: a number, the digits of one, or SQLite's text. */
function readInstantMs(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (value === null || value === undefined) return null
  const text = String(value)
  if (/^-?\d+$/.test(text)) return Number(text)
  const moment = text.length === MOMENT_LENGTH ? readMoment(text) : undefined
  return moment ?? Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}
