/** Finds the stored rows of an entity that break the rules of its class. */
import type { Cluster } from '../../../cluster/cluster.js'
import type { PlacedEntity } from '../../../cluster/entity.js'
import { columnsOf } from '../../../cluster/read/column-profile.js'
import { readTable } from '../../../cluster/read/read-table.js'
import { rowPages } from '../../../cluster/read/row-pages.js'
import { objectCheckOf, type ObjectCheck } from '../../../cluster/validation/check-object.js'

/** A row that breaks a rule. */
export interface Offender {
  /** Its primary key: `17`, or `north, 2026-01-01T00:00:00.000Z`. */
  readonly key: string
  readonly value: unknown
}

/** How often a rule is broken, and by whom. */
export interface BrokenRule {
  readonly field: string
  readonly code: string
  readonly count: number
  /** The first ones, in the order of their keys. */
  readonly offenders: readonly Offender[]
}

/** What the check of an entity's rows has found. */
export interface RuleBreaks {
  readonly checked: number
  /** Rows that break at least one rule. */
  readonly unsound: number
  /** The most frequent first. */
  readonly rules: readonly BrokenRule[]
}

export interface RuleBreaksOptions {
  /** Rows that are checked, in the order of the primary key. @defaultValue all */
  readonly rowsMax?: number
  /** Offenders that are kept for each rule. @defaultValue 3 */
  readonly samples?: number
  readonly signal?: AbortSignal
}

/** Checks the rows as they are stored, a page at a time. What the rules demand of references is not looked up. */
export async function ruleBreaks(
  cluster: Cluster,
  entity: PlacedEntity,
  { rowsMax = Number.POSITIVE_INFINITY, samples = 3, signal }: RuleBreaksOptions = {},
): Promise<RuleBreaks> {
  const { metadata } = readTable(cluster, entity)
  // What a class does not select by itself, such as a password, is not shown either.
  const hidden = metadata.columns.filter(({ isSelect }) => !isSelect).map(({ propertyPath }) => propertyPath)
  const tally = new BreakTally(metadata.target, { keyOf: keyOfRow(cluster, entity), samples, hidden: new Set(hidden) })
  const columns = columnsOf(cluster, entity) as never[]
  for await (const page of rowPages(cluster, entity, { columns, ...(signal && { signal }) })) {
    const left = rowsMax - tally.checked
    for (const row of page.slice(0, left)) await tally.add(row)
    if (page.length >= left) break
  }
  return tally.result()
}

type RowObject = Readonly<Record<string, unknown>>

function keyOfRow(cluster: Cluster, entity: PlacedEntity): (row: RowObject) => string {
  const names = readTable(cluster, entity).metadata.primaryColumns.map(({ propertyPath }) => propertyPath)
  return (row) => names.map((name) => keyText(row[name])).join(', ')
}

function keyText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

/** Which offenders are kept, and what of them. */
interface OffenderView {
  readonly keyOf: (row: RowObject) => string
  readonly samples: number
  readonly hidden: ReadonlySet<string>
}

class BreakTally {
  checked = 0
  #unsound = 0
  /** Undefined for an entity without a class, which has no rules. */
  readonly #check: ObjectCheck | undefined
  readonly #shown: OffenderView
  readonly #rules = new Map<string, { field: string; code: string; count: number; offenders: Offender[] }>()

  constructor(target: unknown, shown: OffenderView) {
    this.#check = typeof target === 'function' ? objectCheckOf(target) : undefined
    this.#shown = shown
  }

  async add(flat: RowObject): Promise<void> {
    this.checked += 1
    if (this.#check === undefined) return
    const row = nested(flat)
    if (this.#check.isSound(row) === true) return
    const reasons = await this.#check.reasons(row)
    if (reasons.length > 0) this.#unsound += 1
    for (const { field, code } of reasons) this.#note(field, code, flat)
  }

  result(): RuleBreaks {
    const rules = [...this.#rules.values()].toSorted(
      (a, b) => b.count - a.count || (`${a.field} ${a.code}` < `${b.field} ${b.code}` ? -1 : 1),
    )
    return { checked: this.checked, unsound: this.#unsound, rules }
  }

  #note(field: string, code: string, row: RowObject): void {
    let rule = this.#rules.get(`${field} ${code}`)
    if (rule === undefined) this.#rules.set(`${field} ${code}`, (rule = { field, code, count: 0, offenders: [] }))
    rule.count += 1
    const { samples, keyOf, hidden } = this.#shown
    if (rule.offenders.length < samples)
      rule.offenders.push({ key: keyOf(row), value: hidden.has(field) ? undefined : row[field] })
  }
}

/** Columns of embedded classes stand under `address.city`; rules look for them in `address`. */
function nested(row: RowObject): Record<string, unknown> {
  const names = Object.keys(row)
  if (!names.some((name) => name.includes('.'))) return row
  const object: Record<string, unknown> = {}
  for (const name of names) {
    const path = name.split('.')
    const last = path.pop() ?? name
    let at = object
    for (const part of path) at = (at[part] ??= {}) as Record<string, unknown>
    at[last] = row[name]
  }
  return object
}
