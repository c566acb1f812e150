/** CHECK constraints on MySQL and MariaDB, which have them while TypeORM believes that they have not. */
import type { QueryRunner } from 'typeorm'
import { driverOf } from '../../drivers/registry.js'

/** What statements are sent through: a DataSource or a runner. */
interface Queryable {
  query(sql: string, parameters?: unknown[]): Promise<unknown>
}

export interface NamedCheck {
  readonly name: string
  readonly expression: string
}

/** Names of the CHECK constraints of a table. */
export async function checkNamesOf(source: Queryable, table: string): Promise<ReadonlySet<string>> {
  const rows = (await source.query(
    `SELECT CONSTRAINT_NAME AS name FROM information_schema.TABLE_CONSTRAINTS ` +
      `WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND CONSTRAINT_TYPE = 'CHECK'`,
    [table],
  )) as { name: string }[]
  return new Set(rows.map(({ name }) => name))
}

/** Adds the constraints that a table does not have yet. */
export async function addMissingChecks(
  runner: QueryRunner,
  table: string,
  checks: readonly NamedCheck[],
): Promise<void> {
  const present = await checkNamesOf(runner, table)
  const missing = checks.filter(({ name }) => !present.has(name))
  if (missing.length > 0) await runner.query(addChecksSql(table, missing))
}

/** The statement that adds constraints to a table. */
export function addChecksSql(table: string, checks: readonly NamedCheck[]): string {
  const parts = checks.map(({ name, expression }) => `ADD CONSTRAINT ${quote(name)} CHECK (${expression})`)
  return `ALTER TABLE ${quote(table)} ${parts.join(', ')}`
}

/** The statement that takes constraints off a table. */
export function dropChecksSql(table: string, names: readonly string[]): string {
  return `ALTER TABLE ${quote(table)} ${names.map((name) => `DROP CONSTRAINT ${quote(name)}`).join(', ')}`
}

function quote(identifier: string): string {
  return driverOf('mysql').dialect.quote(identifier)
}
