/**
 * The rules of our column decorators as SQL CHECK constraints, so that raw SQL, expressions and `listeners: false` are
 * stopped too, and the way back from a constraint's name to the rule's sentence.
 */
import { createHash } from 'node:crypto'
import type { EntityMetadata } from 'typeorm'
import { CheckMetadata } from 'typeorm/metadata/CheckMetadata.js'
import { fieldsOf, type Field, type FieldRule } from '../../columns/field-registry.js'
import type { Dialect } from '../../drivers/driver.js'

/** A rule that the schema enforces. */
export interface RuleConstraint {
  readonly name: string
  readonly expression: string
  readonly field: Field
  readonly rule: FieldRule
}

/** PostgreSQL cuts longer names off. */
const NAME_LENGTH = 63

/** The CHECK constraints that an entity's table has on this engine. */
export function constraintsOf(metadata: EntityMetadata, dialect: Dialect): readonly RuleConstraint[] {
  const constraints: RuleConstraint[] = []
  for (const field of fieldsOf(metadata.target).values()) {
    const column = metadata.findColumnWithPropertyName(field.property)
    if (column === undefined) continue
    for (const rule of field.rules) {
      const expression = rule.sql?.(dialect.quote(column.databaseName), dialect)
      if (expression === undefined || expression === '1 = 1') continue
      constraints.push({ name: checkName(metadata.tableName, column.databaseName, rule.code), expression, field, rule })
    }
  }
  return constraints
}

/** Name of the constraint of a rule: `ck_users_name_too_short`. */
export function checkName(table: string, column: string, code: string): string {
  const name = `ck_${table}_${column}_${code.toLowerCase()}`
  if (name.length <= NAME_LENGTH) return name
  return `${name.slice(0, NAME_LENGTH - 9)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/** Tells TypeORM of the constraints, so that it creates them and misses them. */
export function declareConstraints(metadata: EntityMetadata, constraints: readonly RuleConstraint[]): void {
  for (const { name, expression } of constraints) {
    const check = new CheckMetadata({
      entityMetadata: metadata,
      args: { target: metadata.target, name, expression },
    })
    check.build(metadata.connection.namingStrategy)
    metadata.checks.push(check)
  }
}
