/** Whether a statement may change data, as far as its text tells; what is not surely a read counts as a write. */
export function mayWrite(sql: string): boolean {
  if (READ.test(sql)) return false
  return WITH.test(sql) ? CHANGES.test(sql) : true
}

const READ = /^[\s(]*(SELECT|SHOW|EXPLAIN|VALUES|DESC|DESCRIBE|SAVEPOINT|RELEASE|ROLLBACK TO|SET|PRAGMA)\b/i
const WITH = /^[\s(]*WITH\b/i
const CHANGES = /\b(INSERT|UPDATE|DELETE|MERGE|REPLACE)\b/i

/** Whether a statement changes the schema, or does what else makes MySQL commit before it; temporary tables do not. */
export function changesSchema(sql: string): boolean {
  return SCHEMA.test(sql)
}

const SCHEMA =
  /^[\s;]*((CREATE(\s+OR\s+REPLACE)?|DROP)\s+(?!TEMPORARY\b)|(ALTER|TRUNCATE|RENAME|GRANT|REVOKE|ANALYZE|OPTIMIZE|REPAIR|LOCK\s+TABLES?|UNLOCK\s+TABLES)\b)/i

/** Whether a statement begins or ends a transaction. Savepoints do not: nested transactions are made of them. */
export function isTransactionControl(sql: string): boolean {
  return CONTROL.test(sql)
}

const CONTROL =
  /^[\s;]*(START\s+TRANSACTION|BEGIN|COMMIT|END|ABORT|PREPARE\s+TRANSACTION|XA|ROLLBACK(?!\s+(WORK\s+|TRANSACTION\s+)?TO\b))\b/i
