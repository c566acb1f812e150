/** What a column holds, counted by its database. */
import type { Cluster } from '../cluster.js'
import type { PlacedEntity } from '../entity.js'
import { SqlText, whereSql } from './conditions.js'
import { readTable, type ColumnKind, type ReadColumn, type ReadTable } from './read-table.js'

/** What is told of a column. */
export interface ColumnProfile {
  readonly property: string
  readonly kind: ColumnKind
  readonly rows: number
  /** Rows that have a value. */
  readonly filled: number
  /** Different values, byte by byte; undefined where the engine cannot compare them, as with JSON. */
  readonly distinct: number | undefined
  /** Lowest and highest value of numbers and instants, as the class has them. */
  readonly min: unknown
  readonly max: unknown
  /** Characters of the shortest and the longest text. */
  readonly shortest: number | undefined
  readonly longest: number | undefined
}

/** Properties of an entity that have a column of their own, in the order of the class. */
export function columnsOf(cluster: Cluster, entity: PlacedEntity): string[] {
  const { metadata } = readTable(cluster, entity)
  return metadata.columns.filter((column) => !column.isVirtual).map(({ propertyPath }) => propertyPath)
}

/** One statement for one column, so that a large table does not hold the engine for the sum of them. */
export async function columnProfile(cluster: Cluster, entity: PlacedEntity, property: string): Promise<ColumnProfile> {
  const table = readTable(cluster, entity)
  const column = table.column(property)
  const text = new SqlText(table)
  const where = whereSql(table, [], text)
  const selected = Object.entries(expressionsOf(table, column)).map(
    ([name, expression]) => `${expression} AS ${table.dialect.quote(name)}`,
  )
  const [row = {}] = await table.query(
    `SELECT ${selected.join(', ')} FROM ${table.sql} WHERE ${where}`,
    text.parameters,
  )
  const number = (name: string) => (row[name] === undefined || row[name] === null ? undefined : Number(row[name]))
  const value = (name: string) => (row[name] === undefined || row[name] === null ? undefined : column.decode(row[name]))
  return {
    property,
    kind: column.kind,
    rows: number('rows') ?? 0,
    filled: number('filled') ?? 0,
    distinct: number('distinct'),
    min: value('min'),
    max: value('max'),
    shortest: number('shortest'),
    longest: number('longest'),
  }
}

function expressionsOf({ dialect }: ReadTable, column: ReadColumn): Readonly<Record<string, string>> {
  const { sql, exactSql, kind, metadata } = column
  const counts = { rows: 'COUNT(*)', filled: `COUNT(${sql})` }
  const distinct = `COUNT(DISTINCT ${exactSql})`
  switch (kind) {
    case 'text':
      return {
        ...counts,
        distinct,
        shortest: `MIN(${dialect.charLength(sql)})`,
        longest: `MAX(${dialect.charLength(sql)})`,
      }
    case 'whole':
    case 'decimal':
    case 'float':
    case 'instant':
      return {
        ...counts,
        distinct,
        min: boundSql('MIN', dialect.asText, column),
        max: boundSql('MAX', dialect.asText, column),
      }
    case 'other':
      return isComparable(metadata.type) ? { ...counts, distinct } : counts
    default:
      return kind satisfies never
  }
}

function boundSql(bound: 'MIN' | 'MAX', asText: (sql: string) => string, { sql, selectSql }: ReadColumn): string {
  const of = `${bound}(${sql})`
  return selectSql === sql ? of : asText(of)
}

function isComparable(type: unknown): boolean {
  return type === Boolean || /^(bool|boolean|uuid|date|time|simple-enum|enum|simple-array|inet)$/.test(String(type))
}
