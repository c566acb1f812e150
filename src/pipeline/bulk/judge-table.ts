/** Judges records by the table they go to: ids and unique values that are taken, and rows that are there already. */
import type { Reason } from '../../cluster/validation/check-object.js'
import type { Connection, Dialect, Row } from '../../drivers/driver.js'
import { selectIn } from './bulk-sql.js'
import { sameContent, sameValues, valueText } from './column-values.js'
import type { WritePlan } from './messages.js'

/** The table and the way to it. */
export interface TableContext {
  readonly connection: Connection
  readonly dialect: Dialect
  readonly plan: WritePlan
}

/** A record, as far as its table is concerned. */
export interface TableRecord {
  readonly position: number
  /** A value for each column of the plan; undefined where the record gives none. */
  readonly values: readonly unknown[]
  /** What is wrong with it so far. */
  readonly reasons: readonly Reason[]
}

/** What becomes of a record. */
export interface Verdict<Record extends TableRecord = TableRecord> {
  readonly record: Record
  readonly outcome: 'accepted' | 'rejected' | 'duplicate'
  readonly rowId: string | undefined
  readonly storedBy: string | undefined
  /** Those it had, and those of the table. */
  readonly reasons: readonly Reason[]
}

/** The row that an earlier run made of the record at the same place, by position. */
export type EarlierRows = ReadonlyMap<number, { readonly run: string; readonly rowId: string }>

/** What is to be said of the records that a table is asked about. */
export interface TableQuestion {
  /** Rows of earlier runs; `suspects` are records without an id of their own, or with one that is taken. */
  readonly earlier?: (suspects: readonly TableRecord[]) => Promise<EarlierRows>
  /** True when a record that meets a row with its unique values and the same content is that row. @defaultValue false */
  readonly isKeyed?: boolean
}

/** Judges records in their order: a stored row beats them all, an earlier record beats a later one. */
export async function judgeAgainstTable<Record extends TableRecord>(
  context: TableContext,
  records: readonly Record[],
  question: TableQuestion = {},
): Promise<Verdict<Record>[]> {
  const { plan } = context
  const stored = await storedRows(context, records, question)
  const earlier = stored.earlier
  const holders = plan.uniques.map((unique, index) => holdersOf(unique.indexes, stored.byUnique[index] ?? [], plan))
  /** Records of this batch that are stored with it, by id. */
  const taken = new Map<string, Record>()

  return records.map((record): Verdict<Record> => {
    const id = plan.keyIndex < 0 ? undefined : record.values[plan.keyIndex]
    const idText = id === undefined || id === null ? undefined : String(id)
    const line = earlier.get(record.position)
    const row = stored.byId.get(idText ?? line?.rowId ?? '')
    const isSame = row !== undefined && (line !== undefined || sameContent(plan, row, record.values))
    if (record.reasons.length === 0 && isSame) {
      const rowId = String(row[plan.columns[plan.keyIndex]?.name ?? ''])
      return { record, outcome: 'duplicate', rowId, storedBy: line?.run, reasons: [] }
    }
    const twin = taken.get(idText ?? '')
    if (record.reasons.length === 0 && twin !== undefined && sameValues(plan, twin.values, record.values)) {
      return { record, outcome: 'duplicate', rowId: idText, storedBy: undefined, reasons: [] }
    }
    const known = question.isKeyed === true ? sameRow(plan, record, holders) : undefined
    if (record.reasons.length === 0 && known !== undefined) {
      return { record, outcome: 'duplicate', rowId: known.id, storedBy: undefined, reasons: [] }
    }
    const reasons = [...record.reasons]
    if (record.reasons.length === 0 && idText !== undefined && (row !== undefined || twin !== undefined)) {
      reasons.push({ code: 'ID_TAKEN', field: 'id', message: `ID ${idText} is taken by another ${plan.entity}` })
    }
    for (const [index, unique] of plan.uniques.entries()) {
      const value = uniqueText(plan, unique.indexes, record.values)
      const holder = value === undefined ? undefined : holders[index]?.get(value)
      if (holder === undefined || reasons.some(({ field }) => field === unique.field)) continue
      // A holder that is not numbered yet is another record, also for one that gives no id either.
      if (holder.id !== undefined && holder.id === idText) continue
      reasons.push({
        code: 'NOT_UNIQUE',
        field: unique.field,
        message: `${unique.message}: ${shown(unique.indexes, record.values)}`,
      })
    }
    if (reasons.length > 0) return { ...refused(record), reasons }
    if (idText !== undefined) taken.set(idText, record)
    for (const [index, unique] of plan.uniques.entries()) {
      const value = uniqueText(plan, unique.indexes, record.values)
      if (value !== undefined) holders[index]?.set(value, { id: idText, values: record.values })
    }
    return { record, outcome: 'accepted', rowId: idText, storedBy: undefined, reasons: [] }
  })
}

/** Rows that the records may meet: those with their ids, and for each unique key those with their values. */
async function storedRows(context: TableContext, records: readonly TableRecord[], { earlier: ask }: TableQuestion) {
  const { plan } = context
  const names = plan.columns.map((column) => column.name)
  const byId = new Map<string, Row>()
  const key = plan.columns[plan.keyIndex]
  if (key !== undefined) {
    const given = records.map((record) => record.values[plan.keyIndex]).filter((id) => isIn(id))
    for (const row of await selectIn(context, plan.table ?? '', names, key.name, given))
      byId.set(String(row[key.name]), row)
  }
  // Only a record without an id, or with one that is taken, can be one that an earlier run has stored.
  const suspects = records.filter(({ reasons, values }) => {
    const id = values[plan.keyIndex]
    return reasons.length === 0 && (id === undefined || id === null || byId.has(String(id)))
  })
  const earlier: EarlierRows = (await ask?.(suspects)) ?? new Map()
  const unknown = [...earlier.values()].map((line) => line.rowId).filter((id) => !byId.has(id))
  for (const row of await selectIn(context, plan.table ?? '', names, key?.name ?? '', unknown)) {
    byId.set(String(row[key?.name ?? '']), row)
  }
  const byUnique: (readonly Row[])[] = []
  for (const { indexes } of plan.uniques) {
    const first = indexes[0] ?? 0
    const values = records.map((record) => record.values[first]).filter((value) => isIn(value))
    byUnique.push(await selectIn(context, plan.table ?? '', names, plan.columns[first]?.name ?? '', values))
  }
  return { byId, byUnique, earlier }
}

function isIn(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'number' && Number.isNaN(value))
}

/** Who holds a unique value: a stored row, or a record that is going to be one. */
interface Holder {
  /** Undefined while the database has not numbered it. */
  readonly id: string | undefined
  readonly values: readonly unknown[]
}

function holdersOf(indexes: readonly number[], rows: readonly Row[], plan: WritePlan): Map<string, Holder> {
  const holders = new Map<string, Holder>()
  for (const row of rows) {
    const values = plan.columns.map((column) => row[column.name])
    const text = uniqueText(plan, indexes, values)
    if (text !== undefined) holders.set(text, { id: String(values[plan.keyIndex]), values })
  }
  return holders
}

/** The holder of the record's unique values, when it says the same as the record. */
function sameRow(
  plan: WritePlan,
  { values }: TableRecord,
  holders: readonly ReadonlyMap<string, Holder>[],
): Holder | undefined {
  for (const [index, { indexes }] of plan.uniques.entries()) {
    const text = uniqueText(plan, indexes, values)
    const holder = text === undefined ? undefined : holders[index]?.get(text)
    if (holder !== undefined && sameValues(plan, holder.values, values)) return holder
  }
  return undefined
}

/** A unique key as text; undefined when a part is missing, which makes it equal to nothing. */
function uniqueText(plan: WritePlan, indexes: readonly number[], values: readonly unknown[]): string | undefined {
  const parts = indexes.map((index) => valueText(plan.columns[index]?.kind ?? 'other', values[index]))
  return parts.includes(undefined) ? undefined : JSON.stringify(parts)
}

function shown(indexes: readonly number[], values: readonly unknown[]): string {
  return indexes.map((index) => String(values[index])).join(', ')
}

/** The verdict on a record that is refused for the reasons it has. */
export function refused<Record extends TableRecord>(record: Record): Verdict<Record> {
  return { record, outcome: 'rejected', rowId: undefined, storedBy: undefined, reasons: record.reasons }
}
