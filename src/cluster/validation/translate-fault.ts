/** Turns a violated constraint into the sentence that validation would have said. */
import type { DataSource, EntityMetadata } from 'typeorm'
import { fieldsOf, labelOf, type FieldRule } from '../../columns/field-registry.js'
import type { Fault } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import type { Reason } from './check-object.js'
import type { RuleConstraint } from './constraints.js'
import { valueInStatement } from './statement-value.js'

/** What is known of a database's tables when a statement fails. */
export interface TableRules {
  readonly dataSource: DataSource
  readonly constraintsOf: (metadata: EntityMetadata) => readonly RuleConstraint[]
}

/** The error that tells all broken rules of a row. */
export function validationError(entity: string, reasons: readonly Reason[], cause?: unknown): ShardyardError {
  return new ShardyardError(
    'SY_VALIDATION_FAILED',
    `${entity}: ${reasons.map((reason) => reason.message).join('; ')}`,
    {
      cause,
      details: { entity, reasons },
    },
  )
}

/** The validation error behind a failed statement; undefined when it failed for another reason. */
export function translateFault(
  error: unknown,
  fault: Fault,
  rules: TableRules,
  statement: { readonly sql: string; readonly parameters: readonly unknown[] | undefined },
): ShardyardError | undefined {
  const metadatas = rules.dataSource.entityMetadatas.filter((metadata) => mentions(statement.sql, metadata.tableName))
  for (const metadata of metadatas) {
    const reason = reasonOf(fault, metadata, rules, { ...statement, detail: detailOf(error) })
    if (reason !== undefined) return validationError(metadata.name, [reason], error)
  }
  return undefined
}

interface Failed {
  readonly sql: string
  readonly parameters: readonly unknown[] | undefined
  /** What the server says of the offending value. */
  readonly detail: string
}

function reasonOf(fault: Fault, metadata: EntityMetadata, rules: TableRules, failed: Failed): Reason | undefined {
  switch (fault.kind) {
    case 'unique':
      return uniqueReason(fault, metadata, failed)
    case 'check': {
      const broken = rules.constraintsOf(metadata).find(({ name }) => name === fault.constraint)
      if (broken === undefined) return undefined
      const { field, rule } = broken
      return {
        code: rule.code,
        field: field.property,
        message: sentence(rule, valueOf(failed, metadata, field.property)),
      }
    }
    case 'not-null':
      return fieldReason(metadata, fault, ['EMPTY', 'MISSING'], failed)
    case 'too-long':
    case 'out-of-range':
      return fieldReason(metadata, fault, ['TOO_LONG', 'TOO_HIGH'], failed)
    default:
      return undefined
  }
}

function uniqueReason(
  fault: Extract<Fault, { kind: 'unique' }>,
  metadata: EntityMetadata,
  failed: Failed,
): Reason | undefined {
  const uniques = [
    ...metadata.uniques.map((unique) => ({ name: unique.name, columns: unique.columns })),
    ...metadata.indices
      .filter((index) => index.isUnique)
      .map((index) => ({ name: index.name, columns: index.columns })),
    { name: 'PRIMARY', columns: metadata.primaryColumns },
  ]
  const names = (columns: readonly { databaseName: string }[]) => columns.map((column) => column.databaseName).join()
  const match = uniques.find(
    ({ name, columns }) =>
      name === fault.constraint || (fault.columns !== undefined && names(columns) === fault.columns.join()),
  )
  const isPrimaryOfPostgres = fault.constraint === undefined ? false : fault.constraint.startsWith('PK_')
  const columns = match?.columns ?? (isPrimaryOfPostgres ? metadata.primaryColumns : undefined)
  const first = columns?.[0]
  if (columns === undefined || first === undefined) return undefined
  const values = columns.map((column) => String(valueOf(failed, metadata, column.propertyName) ?? ''))
  const isKey = columns.every((column) => column.isPrimary)
  return {
    code: isKey ? 'ID_TAKEN' : 'NOT_UNIQUE',
    field: first.propertyName,
    message: usedMessage(
      metadata.target,
      columns.map((column) => column.propertyName),
      values,
    ),
  }
}

/** `Email already used: bob@example.com`. */
export function usedMessage(target: unknown, properties: readonly string[], values: readonly string[]): string {
  const fields = fieldsOf(target)
  const labels = properties.map((property) => fields.get(property)?.label ?? labelOf(property))
  const shown = values.every((value) => value === '') ? '' : `: ${values.join(', ')}`
  return `${labels.join(' and ')} already used${shown}`
}

function fieldReason(
  metadata: EntityMetadata,
  named: { readonly column?: string; readonly length?: string },
  codes: readonly string[],
  failed: Failed,
): Reason | undefined {
  const fields = fieldsOf(metadata.target)
  const candidates = metadata.columns.filter(({ databaseName, length }) =>
    named.column === undefined ? named.length === undefined || named.length === length : databaseName === named.column,
  )
  for (const column of candidates) {
    const field = fields.get(column.propertyName)
    const value = valueOf(failed, metadata, column.propertyName)
    for (const rule of field?.rules ?? []) {
      if (!codes.includes(rule.code)) continue
      // Where neither column nor value is known, the only column of that length is meant.
      if (named.column === undefined && candidates.length > 1 && !rule.breaks(value)) continue
      return { code: rule.code, field: column.propertyName, message: sentence(rule, value) }
    }
  }
  return undefined
}

/** The offending value: from the server's words, else from a statement for one row. */
function valueOf(failed: Failed, metadata: EntityMetadata, property: string): unknown {
  if (failed.detail !== '') return failed.detail
  const column = metadata.findColumnWithPropertyName(property)?.databaseName
  return column === undefined ? undefined : valueInStatement(failed.sql, failed.parameters, column)
}

/** A rule's sentence; without its value when that was made by the database. */
function sentence(rule: FieldRule, value: unknown): string {
  return value === undefined ? rule.message(value).replace(/: undefined$/, '') : rule.message(value)
}

function detailOf(error: unknown): string {
  const inner = ((error as { driverError?: unknown } | undefined)?.driverError ?? error) as Record<string, unknown>
  const postgres = /^Key \(.+?\)=\((.*)\) already exists/s.exec(String(inner['detail'] ?? ''))?.[1]
  const mysql = /^Duplicate entry '(.*)' for key /s.exec(String(inner['sqlMessage'] ?? inner['message'] ?? ''))?.[1]
  return postgres ?? mysql ?? ''
}

function mentions(sql: string, table: string): boolean {
  return sql.includes(`"${table}"`) || sql.includes(`\`${table}\``) || new RegExp(`\\b${table}\\b`).test(sql)
}
