/** Which rows are read, as SQL: names come from the metadata, values go as parameters. */
import type { ReadColumn, ReadTable } from './read-table.js'

/**
 * `['quantity', '>', 5]`. A null is asked for with `=` or `!=`; `in` takes a list, `starts` the beginning of a text.
 * Text is compared byte by byte.
 */
export type Condition<Entity> = readonly [
  column: keyof Entity & string,
  is: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'starts',
  value: unknown,
]

/** SQL with its parameters, collected while it is written. */
export class SqlText {
  readonly parameters: unknown[] = []
  readonly #placeholder: (index: number) => string

  constructor(table: ReadTable) {
    this.#placeholder = table.dialect.placeholder
  }

  /** The place of a value in the statement. */
  value(value: unknown): string {
    return this.#placeholder(this.parameters.push(value))
  }
}

/** All conditions as the text behind WHERE; without one `1 = 1`. Rows that TypeORM takes for deleted are left out. */
export function whereSql(
  table: ReadTable,
  conditions: readonly Condition<never>[] | readonly Condition<object>[],
  text: SqlText,
): string {
  const parts = (conditions as readonly (readonly [string, Condition<object>[1], unknown])[]).map(
    ([property, is, value]) => conditionSql(table, table.column(property), { is, value }, text),
  )
  return [...scopeSql(table, text), ...parts].join(' AND ') || '1 = 1'
}

function conditionSql(
  table: ReadTable,
  column: ReadColumn,
  { is, value }: { readonly is: Condition<object>[1]; readonly value: unknown },
  text: SqlText,
): string {
  if (value === null) return `${column.sql} IS ${is === '!=' ? 'NOT NULL' : 'NULL'}`
  switch (is) {
    case '=':
      return anyOf(table, column, [value], text)
    case 'in':
      return anyOf(table, column, value as readonly unknown[], text)
    case '!=':
      return `NOT (${anyOf(table, column, [value], text)})`
    case '<':
    case '>=':
      return `${column.sql} ${is} ${text.value(firstForm(table, column, value))}`
    case '<=':
    case '>':
      return `${column.sql} ${is} ${text.value(stored(table, column, value))}`
    case 'starts':
      return startsSql(table, column, String(stored(table, column, value)), text)
    default:
      return is satisfies never
  }
}

/** From the prefix on, up to the first text that is greater than all that begin with it. */
function startsSql(table: ReadTable, { sql, kind }: ReadColumn, prefix: string, text: SqlText): string {
  if (kind !== 'text') return '1 = 0'
  if (prefix === '') return `${sql} IS NOT NULL`
  const ordered = table.dialect.byteOrder(sql)
  const from = `${ordered} >= ${text.value(prefix)}`
  const after = textAfter(prefix)
  return after === undefined ? from : `${from} AND ${ordered} < ${text.value(after)}`
}

/** The least text that no text with this beginning reaches, by code points; undefined when there is none. */
function textAfter(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // The codes of surrogates are no characters.
    const next = last === 0xd7ff ? 0xe000 : last + 1
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next)
  }
  return undefined
}

function anyOf(table: ReadTable, column: ReadColumn, values: readonly unknown[], text: SqlText): string {
  if (values.length === 0) return '1 = 0'
  const forms = values.flatMap((value) => [...new Set([stored(table, column, value), firstForm(table, column, value)])])
  const list = () => `(${forms.map((value) => text.value(value)).join(', ')})`
  const found = `${column.sql} IN ${list()}`
  // The first half walks the index, the second drops what only the collation takes for the same.
  return column.exactSql === column.sql ? found : `${found} AND ${column.exactSql} IN ${list()}`
}

/** A value as the engine keeps it. */
export function stored(table: ReadTable, { metadata }: ReadColumn, value: unknown): unknown {
  return table.dataSource.driver.preparePersistentValue(value, metadata)
}

/**
 * The form of a value that sorts first. SQLite keeps instants as text, and those that it has set itself without
 * milliseconds: `10:00:00` stands before `10:00:00.000`, and means the same.
 */
function firstForm(table: ReadTable, column: ReadColumn, value: unknown): unknown {
  const form = stored(table, column, value)
  const isText = table.engine === 'sqlite' && column.kind === 'instant' && typeof form === 'string'
  return isText ? form.replace(/\.000$/, '') : form
}

/** What TypeORM adds to every read: no deleted rows, and of several classes in one table those of this one. */
export function scopeSql({ metadata, dialect }: ReadTable, text: SqlText): string[] {
  const { deleteDateColumn, discriminatorColumn } = metadata
  const scope: string[] = []
  if (deleteDateColumn !== undefined) scope.push(`${dialect.quote(deleteDateColumn.databaseName)} IS NULL`)
  if (discriminatorColumn !== undefined && metadata.tableType === 'entity-child') {
    const own = [metadata, ...metadata.childEntityMetadatas].map(({ discriminatorValue }) => discriminatorValue)
    scope.push(
      `${dialect.quote(discriminatorColumn.databaseName)} IN (${own.map((value) => text.value(value)).join(', ')})`,
    )
  }
  return scope
}

/** Rows behind a key. A list compared with a list walks an index on most engines; MySQL wants it spelled out. */
export function seekSql(
  { dialect }: ReadTable,
  columns: readonly string[],
  after: readonly unknown[],
  text: SqlText,
): string {
  const [first = ''] = columns
  if (!dialect.seeksByLists) return `${first} >= ${text.value(after[0])} AND (${spelledOut(columns, after, text)})`
  const values = after.map((value) => text.value(value))
  return `(${columns.join(', ')}) > (${values.join(', ')})`
}

/** `a > 1 OR (a = 1 AND (b > 2))` */
function spelledOut(columns: readonly string[], after: readonly unknown[], text: SqlText): string {
  const [column = '', ...others] = columns
  const greater = `${column} > ${text.value(after[0])}`
  if (others.length === 0) return greater
  return `${greater} OR (${column} = ${text.value(after[0])} AND (${spelledOut(others, after.slice(1), text)}))`
}
