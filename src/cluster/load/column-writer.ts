/** What an entity's rows become on their way into a table, column by column. */
import { randomUUID } from 'node:crypto'
import type { EntityMetadata } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { fieldsOf } from '../../columns/field-registry.js'
import { UtcText } from './utc-text.js'

/** One column that an INSERT can fill. */
export interface ColumnWriter {
  /** Its name in the table. */
  readonly name: string
  readonly property: string
  readonly metadata: ColumnMetadata
  /** True when a row that has nothing in `property` gives no value; else only `valueOf` tells. */
  readonly isOptional: boolean
  /** What the driver is given; undefined when the row gives nothing, and the database is to fill in its default. */
  readonly valueOf: (row: Record<string, unknown>) => unknown
}

/** Types whose strings and numbers every driver takes as they are. */
const PLAIN =
  /^(varchar|character varying|text|char|character|int|integer|bigint|smallint|tinyint|float|double|double precision|real|decimal|numeric)$/

/** TypeORM's drivers that make text in UTC of a moment, `2026-01-31 10:00:00.000`. */
const WRITES_UTC: ReadonlySet<string> = new Set(['better-sqlite3', 'sqlite'])

/** Which of the moments when a row was made and changed are filled in here, not by the database. */
export type FilledMoments = 'none' | 'updated' | 'both'

/** The writers of an entity's columns in one database. */
export function columnWriters(metadata: EntityMetadata, filled: FilledMoments): ColumnWriter[] {
  const fields = fieldsOf(metadata.target)
  return insertableColumns(metadata).map((column) => {
    const property = column.propertyName
    const isSimple = column.embeddedMetadata === undefined && column.relationMetadata === undefined
    const read = isSimple
      ? (row: Record<string, unknown>) => row[property]
      : (row: Record<string, unknown>): unknown => column.getEntityValue(row)
    const normalise = isSimple ? fields.get(property)?.normalise : undefined
    const prepare = preparedBy(metadata, column, normalise)
    const missing = isFilled(column, filled) ? presentMoment(prepare) : missingValue(metadata, column, prepare)
    const valueOf = (row: Record<string, unknown>) => {
      const value = read(row)
      if (value === undefined) return missing?.()
      if (value === null && column.isGenerated) return undefined
      return prepare(normalise === undefined ? value : normalise(value))
    }
    const isOptional = isSimple && missing === undefined
    return { name: column.databaseName, property, metadata: column, isOptional, valueOf }
  })
}

/** The columns that an INSERT can fill; those of a relation are virtual when the class has no property for the key. */
export function insertableColumns(metadata: EntityMetadata): readonly ColumnMetadata[] {
  return metadata.columns.filter((column) => {
    const isKept = !column.isVirtual || column.isDiscriminator || column.relationMetadata !== undefined
    return column.isInsert && isKept && column.generatedType === undefined
  })
}

function preparedBy(
  metadata: EntityMetadata,
  column: ColumnMetadata,
  normalise: ((value: unknown) => unknown) | undefined,
): (value: unknown) => unknown {
  const { driver } = metadata.connection
  const prepared = (value: unknown): unknown => {
    const stored: unknown = driver.preparePersistentValue(value, column)
    return typeof stored === 'boolean' ? Number(stored) : stored
  }
  const { transformer } = column
  const isTransformed = Array.isArray(transformer) || (transformer !== undefined && transformer.to !== normalise)
  const type = String(driver.normalizeType(column))
  if (!isTransformed && type === 'datetime' && WRITES_UTC.has(driver.options.type)) {
    const text = new UtcText((moment) => String(prepared(moment)))
    return (value) => (value instanceof Date ? text.of(value) : prepared(value))
  }
  if (isTransformed || !PLAIN.test(type)) return prepared
  return (value) => (typeof value === 'string' || typeof value === 'number' ? value : prepared(value))
}

/** What TypeORM, not the database, fills in for a column that a row leaves out. */
function missingValue(
  metadata: EntityMetadata,
  column: ColumnMetadata,
  prepare: (value: unknown) => unknown,
): (() => unknown) | undefined {
  if (column.isGenerated && column.generationStrategy === 'uuid') return () => prepare(randomUUID())
  if (column.isVersion) return () => prepare(1)
  if (column.isDiscriminator) return () => prepare(metadata.discriminatorValue)
  return undefined
}

function isFilled(column: ColumnMetadata, filled: FilledMoments): boolean {
  return column.isUpdateDate ? filled !== 'none' : column.isCreateDate && filled === 'both'
}

/** The present moment as the driver takes it; many rows are made in the same millisecond. */
function presentMoment(prepare: (value: unknown) => unknown): () => unknown {
  let last: { readonly ms: number; readonly prepared: unknown } | undefined
  return () => {
    const ms = Date.now()
    if (last?.ms !== ms) last = { ms, prepared: prepare(new Date(ms)) }
    return last.prepared
  }
}
