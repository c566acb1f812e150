import type { Row } from '../../drivers/driver.js'
import type { ColumnKind, WritePlan } from './messages.js'

/** Whether a stored row says the same as the values that a record gives. */
export function sameContent(plan: WritePlan, row: Row, values: readonly unknown[]): boolean {
  return plan.columns.every(({ name, kind, isContent }, index) => {
    if (!isContent || values[index] === undefined) return true
    return valueText(kind, row[name]) === valueText(kind, values[index])
  })
}

/** Whether the row that `stored` becomes says the same as the values that another record gives. */
export function sameValues(plan: WritePlan, stored: readonly unknown[], values: readonly unknown[]): boolean {
  return sameContent(plan, Object.fromEntries(plan.columns.map(({ name }, index) => [name, stored[index]])), values)
}

/** A column's value as text that is equal exactly when the values are; undefined for null. */
export function valueText(kind: ColumnKind, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  switch (kind) {
    case 'text':
      return String(value)
    case 'number':
    case 'decimal':
      return plainNumber(String(value))
    case 'instant':
      return String(value instanceof Date ? value.getTime() : Date.parse(utcText(String(value))))
    case 'other':
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
    default:
      return kind satisfies never
  }
}

/** `1000.00`, `1000.0` and `1000` are one number. */
function plainNumber(text: string): string {
  const [whole = '', decimals = ''] = text.split('.')
  const rest = decimals.replace(/0+$/, '')
  return rest === '' ? whole : `${whole}.${rest}`
}

/** SQLite keeps moments as `2026-01-31 10:00:00.000`, in UTC. */
function utcText(text: string): string {
  return /[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`
}
