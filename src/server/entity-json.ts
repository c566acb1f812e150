/** Rows of entities between HTTP and the class: names come from the metadata alone, values are checked by their types. */
import { createHash } from 'node:crypto'
import { IsNull } from 'typeorm'
import { fieldsOf } from '../columns/field-registry.js'
import type { Condition } from '../cluster/read/conditions.js'
import { entityFields, readJson, readText, type FieldReading } from '../cluster/read/entity-fields.js'
import type { ReadTable } from '../cluster/read/read-table.js'
import type { Row } from '../drivers/driver.js'
import { HttpProblem, type ProblemError } from './problem.js'

/** Parts of a query that are no fields. */
const PAGE_PARTS: ReadonlySet<string> = new Set(['limit', 'after'])

const COMPARISONS: Readonly<Record<string, Condition<Row>[1]>> = {
  eq: '=',
  gte: '>=',
  lte: '<=',
  gt: '>',
  lt: '<',
  prefix: 'starts',
}

/** A row as JSON. */
export function rowJson(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonOf(value)]))
}

function jsonOf(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return String(value)
  return Buffer.isBuffer(value) ? value.toString('base64') : value
}

/** Changes whenever the row does. */
export function etagOf(row: Row): string {
  return `"${createHash('sha256').update(JSON.stringify(row)).digest('base64url').slice(0, 27)}"`
}

/** Whether a header like If-Match names an ETag; weak ones are another thing where bytes count. */
export function names(header: string | undefined, etag: string, { isWeak = false } = {}): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim())
  return tags.includes('*') || tags.includes(etag) || (isWeak && tags.includes(`W/${etag}`))
}

/** The conditions of a query: `field=value`, `field[gte]=value`. @throws HttpProblem with every mistake */
export function conditionsFrom(table: ReadTable, query: Readonly<Record<string, unknown>>): Condition<Row>[] {
  const errors: ProblemError[] = []
  const conditions: Condition<Row>[] = []
  const known = namesOf(table)
  for (const [part, text] of Object.entries(query)) {
    if (PAGE_PARTS.has(part)) continue
    const [, name = '', comparison = 'eq'] = /^([^[\]]*)(?:\[([a-z]+)\])?$/.exec(part) ?? []
    const is = Object.hasOwn(COMPARISONS, comparison) ? COMPARISONS[comparison] : undefined
    const mistake = (code: string, detail: string) => errors.push({ pointer: pointerTo('#', part), code, detail })
    if (!known.has(name) || is === undefined) {
      mistake(
        'UNKNOWN_FIELD',
        `Rows are found by ${[...known].join(', ')}, each also with [gte], [lte], [gt], [lt], [prefix].`,
      )
      continue
    }
    const column = table.column(name)
    const isText = column.kind === 'text'
    if (is === 'starts' && !isText) mistake('WRONG_TYPE', `${name} is no text, which alone has a beginning.`)
    else if (typeof text !== 'string') mistake('REPEATED', `${part} may stand there once.`)
    else {
      const reading = readText(column, text)
      if ('value' in reading) conditions.push([name, is, reading.value])
      else mistake('WRONG_TYPE', `${name} must be ${reading.expected}.`)
    }
  }
  if (errors.length > 0) throw new HttpProblem('REQUEST_INVALID', 'The query is not valid.', { errors })
  return conditions
}

/** A body as values of the class. @throws HttpProblem with every member that is no field, or of another type */
export function rowFrom(table: ReadTable, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const declared = fieldsOf(table.metadata.target)
  // The class itself judges what our decorators declare, and says more of it.
  return valuesFrom(table, body, {
    at: '#',
    read: (name, value) => (declared.has(name) ? { value } : readJson(table.column(name), value)),
  })
}

/** A body as a new row. @throws HttpProblem as `rowFrom`, and for what is missing that no rule of the class asks for */
export function newRowFrom(table: ReadTable, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const row = rowFrom(table, body)
  const declared = fieldsOf(table.metadata.target)
  const missing = entityFields(table).filter(
    ({ name, isNullable, isGenerated }) =>
      !isNullable && !isGenerated && !declared.has(name) && !Object.hasOwn(row, name) && !hasDefault(table, name),
  )
  if (missing.length === 0) return row
  const errors = missing.map(({ name }) => ({
    pointer: pointerTo('#', name),
    code: 'MISSING',
    detail: `${name} must be given.`,
  }))
  throw new HttpProblem('INVALID', 'The body is not valid.', { errors })
}

function hasDefault(table: ReadTable, name: string): boolean {
  return table.column(name).metadata.default !== undefined
}

/** Values that rows are asked for by. @throws HttpProblem with every member that is no field, or of another type */
export function whereFrom(table: ReadTable, where: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return valuesFrom(table, where, {
    at: '#/where',
    read(name, value) {
      if (value === null) return { value: IsNull() }
      return typeof value === 'object' ? { expected: 'one value' } : readJson(table.column(name), value)
    },
  })
}

interface Reader {
  /** Pointer to the object. */
  readonly at: string
  readonly read: (name: string, value: unknown) => FieldReading
}

function valuesFrom(table: ReadTable, given: Readonly<Record<string, unknown>>, { at, read }: Reader) {
  const errors: ProblemError[] = []
  const values: [string, unknown][] = []
  const known = namesOf(table)
  for (const [name, value] of Object.entries(given)) {
    const mistake = (code: string, detail: string) => errors.push({ pointer: pointerTo(at, name), code, detail })
    if (!known.has(name)) {
      mistake('UNKNOWN_FIELD', `${table.entity} has no field of that name. It has ${[...known].join(', ')}.`)
      continue
    }
    const reading = read(name, value)
    if ('value' in reading) values.push([name, reading.value])
    else mistake('WRONG_TYPE', `${name} must be ${reading.expected}.`)
  }
  if (errors.length > 0) throw new HttpProblem('INVALID', 'The body is not valid.', { errors })
  return Object.fromEntries(values)
}

function namesOf(table: ReadTable): ReadonlySet<string> {
  return new Set(entityFields(table).map(({ name }) => name))
}

function pointerTo(base: string, name: string): string {
  return `${base}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
