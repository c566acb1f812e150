/** The fields of an entity by its metadata, and how their values are read from text and from JSON. */
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { readInstant } from '../../columns/instant.js'
import { referencesOf } from '../../columns/references.js'
import { nameOf } from '../entity.js'
import type { ReadColumn, ReadTable } from './read-table.js'

/** What a field's values are in JSON: decimals, and whole numbers of 64 bits that the class has as text, are text. */
export type FieldType = 'string' | 'integer' | 'number' | 'decimal' | 'boolean' | 'date-time' | 'json'

/** One field of an entity. */
export interface EntityField {
  readonly name: string
  readonly type: FieldType
  readonly isKey: boolean
  /** The database, or TypeORM, sets it when it is not given. */
  readonly isGenerated: boolean
  readonly isNullable: boolean
  /** The entity whose rows it names. */
  readonly references: string | undefined
}

/** A value that was read, or what it should have been. */
export type FieldReading = { readonly value: unknown } | { readonly expected: string }

/** The fields of a table in the order of the class. */
export function entityFields(table: ReadTable): readonly EntityField[] {
  const { metadata } = table
  const references = new Map(referencesOf(metadata.target).map(({ property, target }) => [property, nameOf(target())]))
  return metadata.columns
    .filter(({ isVirtual, isSelect }) => !isVirtual && isSelect)
    .map((own) => ({
      name: own.propertyPath,
      type: typeOf(table.column(own.propertyPath)),
      isKey: own.isPrimary,
      isGenerated: own.isGenerated || isSetByTypeorm(own),
      isNullable: own.isNullable,
      references: references.get(own.propertyPath),
    }))
}

function isSetByTypeorm({ isCreateDate, isUpdateDate, isDeleteDate, isVersion }: ColumnMetadata): boolean {
  return isCreateDate || isUpdateDate || isDeleteDate || isVersion
}

function typeOf({ kind, metadata }: ReadColumn): FieldType {
  switch (kind) {
    case 'text':
      return 'string'
    case 'whole':
      return 'integer'
    case 'decimal':
      return 'decimal'
    case 'float':
      return 'number'
    case 'instant':
      return 'date-time'
    case 'other':
      return otherType(metadata)
    default:
      return kind satisfies never
  }
}

function otherType({ type, isArray }: ColumnMetadata): FieldType {
  if (type === Boolean || String(type).startsWith('bool')) return 'boolean'
  return isArray || typeof type === 'function' || /json|array|hstore/.test(type) ? 'json' : 'string'
}

const WHOLE = /^-?\d{1,19}$/
const DECIMAL = /^-?\d{1,60}(?:\.\d{1,60})?$/
const NUMBER = /^-?\d{1,60}(?:\.\d{1,60})?(?:e[+-]?\d{1,3})?$/i
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Reads a value that came as text: what the class has. */
export function readText(column: ReadColumn, text: string): FieldReading {
  const type = typeOf(column)
  switch (type) {
    case 'string':
      return textReading(column, text)
    case 'integer':
      return wholeReading(column, text)
    case 'decimal':
      return DECIMAL.test(text) ? { value: text } : { expected: 'a decimal number such as 12.50' }
    case 'number': {
      const number = NUMBER.test(text) ? Number(text) : Number.NaN
      return Number.isFinite(number) ? { value: number } : { expected: 'a number' }
    }
    case 'boolean':
      return /^(?:true|false)$/.test(text) ? { value: text === 'true' } : { expected: 'true or false' }
    case 'date-time': {
      const value = readInstant(text)
      return value instanceof Date ? { value } : { expected: 'a moment with its zone, such as 2025-12-31T23:59:59Z' }
    }
    case 'json':
      return { expected: 'left out: rows cannot be found by it' }
    default:
      return type satisfies never
  }
}

/**
 * Reads a value of JSON: what the class has. For columns that no decorator of ours declares; those have rules of their
 * own, with better words.
 */
export function readJson(column: ReadColumn, value: unknown): FieldReading {
  if (value === null) return column.isNullable ? { value } : { expected: 'given' }
  const type = typeOf(column)
  if (type === 'json') return { value }
  if (type === 'boolean') return typeof value === 'boolean' ? { value } : { expected: 'true or false' }
  if (typeof value === 'number' && (type === 'integer' || type === 'decimal' || type === 'number')) {
    const reading = readText(column, String(value))
    // A number that was one stays one, unless the class keeps text for it.
    return 'value' in reading && typeof reading.value !== 'string' ? { value } : reading
  }
  const isText = typeof value === 'string' && type !== 'number'
  return isText ? readText(column, value) : { expected: `a ${type}` }
}

function textReading({ metadata }: ReadColumn, text: string): FieldReading {
  if (text.includes('\0') || !text.isWellFormed()) return { expected: 'text without characters that cannot be stored' }
  if (metadata.type === 'uuid') return UUID.test(text) ? { value: text } : { expected: 'a UUID' }
  const { enum: choices } = metadata
  if (choices === undefined || choices.includes(text)) return { value: text }
  return { expected: `one of ${choices.join(', ')}` }
}

/** Bytes that whole numbers take; those without a size take four on every engine but SQLite. */
const BITS: readonly (readonly [bits: bigint, pattern: RegExp])[] = [
  [64n, /^(?:bigint|int8)$/],
  [16n, /^(?:smallint|int2)$/],
  [8n, /^tinyint$/],
  [24n, /^mediumint$/],
]

function wholeReading({ metadata }: ReadColumn, text: string): FieldReading {
  const { type, unsigned, transformer } = metadata
  const bits = BITS.find(([, pattern]) => pattern.test(String(type)))?.[0] ?? 32n
  const half = 1n << (bits - 1n)
  const [least, most] = unsigned ? [0n, 2n * half - 1n] : [-half, half - 1n]
  const value = WHOLE.test(text) ? BigInt(text) : undefined
  if (value === undefined || value < least || value > most) {
    return { expected: `a whole number from ${least} to ${most}` }
  }
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
  if (isSafe) return { value: Number(value) }
  // Where the class has numbers, no row has a greater one.
  return transformer === undefined ? { value: text } : { expected: 'a whole number of 53 bits' }
}
