/**
 * Writes records and their ledger lines in one transaction of the database that takes them.
 *
 * 1. A record's row and its line are stored together or not at all.
 * 2. A stored row beats every record; among the records of a batch the earlier one wins a shared unique value.
 * 3. What another writer stores between our look and our write makes the transaction fail, and it is run again.
 */
import type { Reason } from '../../cluster/validation/check-object.js'
import { LEDGER_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Connection, Dialect, Row } from '../../drivers/driver.js'
import { selectIn } from './bulk-sql.js'
import { sameContent, sameValues, valueText } from './column-values.js'
import type { JudgedRecord, RunFacts, WritePlan } from './messages.js'

/** What a batch is written with. */
export interface BatchContext {
  readonly connection: Connection
  readonly dialect: Dialect
  readonly plan: WritePlan
  readonly facts: RunFacts
  readonly thread: number
  /** Called when everything is written but the COMMIT. */
  readonly beforeCommit: () => void
}

interface Verdict {
  readonly record: JudgedRecord
  readonly outcome: 'accepted' | 'rejected' | 'duplicate'
  readonly rowId: string | undefined
  readonly storedBy: string | undefined
  readonly reasons: readonly Reason[]
}

/** Writes the records in one transaction; answers how many it settled, the others being settled before. */
export async function writeBatch(
  context: BatchContext,
  records: readonly JudgedRecord[],
  isReplay: boolean,
): Promise<number> {
  const { connection } = context
  const startedAt = performance.now()
  await connection.begin()
  try {
    const open = isReplay ? await unsettled(context, records) : records
    if (open.length > 0) await settle(context, open, startedAt)
    context.beforeCommit()
    await connection.commit()
    return open.length
  } catch (error) {
    await connection.rollback()
    throw error
  }
}

/** Writes the durations as they were when the commits had returned; each record had a transaction of its own. */
export async function writeDurations(
  context: BatchContext,
  durations: readonly (readonly [position: number, durationUs: number])[],
): Promise<void> {
  const { connection, dialect, plan, facts } = context
  const [table, q] = [dialect.quote(LEDGER_TABLE), dialect.quote]
  const p = dialect.placeholder
  const sql =
    `UPDATE ${table} SET ${q('durationUs')} = ${p(1)} WHERE ${q('source')} = ${p(2)} AND ${q('entity')} = ${p(3)} ` +
    `AND ${q('position')} = ${p(4)} AND ${q('run')} = ${p(5)}`
  await connection.begin()
  try {
    for (const [position, durationUs] of durations) {
      await connection.execute(sql, [durationUs, facts.source, plan.entity, position, facts.run])
    }
    await connection.commit()
  } catch (error) {
    await connection.rollback()
    throw error
  }
}

async function settle(context: BatchContext, records: readonly JudgedRecord[], startedAt: number): Promise<void> {
  const { plan } = context
  const verdicts = plan.table === undefined ? records.map(rejected) : await judgeAgainstTable(context, records)
  const accepted = verdicts.filter((verdict) => verdict.outcome === 'accepted')
  const ids = plan.table === undefined ? [] : await insertAccepted(context, accepted)
  const idOf = new Map(accepted.map((verdict, index) => [verdict, ids[index]]))
  const durationUs = elapsedUs(startedAt)
  await context.connection.insert({
    table: LEDGER_TABLE,
    columns: LEDGER_COLUMNS,
    values: verdicts.flatMap((verdict) => [
      context.facts.source,
      plan.entity,
      verdict.record.position,
      context.facts.run,
      verdict.outcome,
      context.thread,
      durationUs,
      idOf.get(verdict) ?? verdict.rowId ?? null,
      verdict.storedBy ?? null,
      verdict.reasons.length === 0 ? null : JSON.stringify(verdict.reasons),
      verdict.record.record,
    ]),
  })
}

const LEDGER_COLUMNS = [
  'source',
  'entity',
  'position',
  'run',
  'outcome',
  'thread',
  'durationUs',
  'rowId',
  'storedBy',
  'reasons',
  'record',
]

function rejected(record: JudgedRecord): Verdict {
  return { record, outcome: 'rejected', rowId: undefined, storedBy: undefined, reasons: record.reasons }
}

async function judgeAgainstTable(context: BatchContext, records: readonly JudgedRecord[]): Promise<Verdict[]> {
  const { plan } = context
  const stored = await storedRows(context, records)
  const earlier = stored.earlier
  /** Who holds a unique value: the row's id, or the record of this batch that has won it. */
  const holders = plan.uniques.map((unique, index) => holdersOf(unique.indexes, stored.byUnique[index] ?? [], plan))
  /** Records of this batch that are stored with it, by id. */
  const taken = new Map<string, JudgedRecord>()

  return records.map((record): Verdict => {
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
    const reasons = [...record.reasons]
    if (record.reasons.length === 0 && idText !== undefined && (row !== undefined || twin !== undefined)) {
      reasons.push({ code: 'ID_TAKEN', field: 'id', message: `ID ${idText} is taken by another ${plan.entity}` })
    }
    for (const [index, unique] of plan.uniques.entries()) {
      const value = uniqueText(plan, unique.indexes, record.values)
      const holder = value === undefined ? undefined : holders[index]?.get(value)
      if (holder === undefined || holder === idText || reasons.some(({ field }) => field === unique.field)) continue
      reasons.push({
        code: 'NOT_UNIQUE',
        field: unique.field,
        message: `${unique.message}: ${shown(unique.indexes, record.values)}`,
      })
    }
    if (reasons.length > 0) return { ...rejected(record), reasons }
    if (idText !== undefined) taken.set(idText, record)
    for (const [index, unique] of plan.uniques.entries()) {
      const value = uniqueText(plan, unique.indexes, record.values)
      if (value !== undefined) holders[index]?.set(value, idText ?? `record ${record.position}`)
    }
    return { record, outcome: 'accepted', rowId: idText, storedBy: undefined, reasons: [] }
  })
}

/** Rows that the records may meet: those with their ids, and for each unique key those with their values. */
async function storedRows(context: BatchContext, records: readonly JudgedRecord[]) {
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
  const earlier = await earlierLines(context, suspects)
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

function holdersOf(indexes: readonly number[], rows: readonly Row[], plan: WritePlan): Map<string, string> {
  const holders = new Map<string, string>()
  for (const row of rows) {
    const values = plan.columns.map((column) => row[column.name])
    const text = uniqueText(plan, indexes, values)
    if (text !== undefined) holders.set(text, String(values[plan.keyIndex]))
  }
  return holders
}

/** A unique key as text; undefined when a part is missing, which makes it equal to nothing. */
function uniqueText(plan: WritePlan, indexes: readonly number[], values: readonly unknown[]): string | undefined {
  const parts = indexes.map((index) => valueText(plan.columns[index]?.kind ?? 'other', values[index]))
  return parts.includes(undefined) ? undefined : JSON.stringify(parts)
}

function shown(indexes: readonly number[], values: readonly unknown[]): string {
  return indexes.map((index) => String(values[index])).join(', ')
}

/** Accepted lines of other runs for the same places of the same source. */
async function earlierLines(context: BatchContext, records: readonly JudgedRecord[]) {
  const { facts, plan, dialect } = context
  const positions = records.map((record) => record.position)
  const where = ` AND ${dialect.quote('outcome')} = 'accepted'`
  const rows = await selectIn(context, LEDGER_TABLE, ['position', 'run', 'rowId'], 'position', positions, {
    source: facts.source,
    entity: plan.entity,
    where,
  })
  return new Map(rows.map((row) => [Number(row['position']), { run: String(row['run']), rowId: String(row['rowId']) }]))
}

/** The records without a line in this run. */
async function unsettled(context: BatchContext, records: readonly JudgedRecord[]): Promise<readonly JudgedRecord[]> {
  const { facts, plan, dialect } = context
  const rows = await selectIn(
    context,
    LEDGER_TABLE,
    ['position'],
    'position',
    records.map((record) => record.position),
    {
      source: facts.source,
      entity: plan.entity,
      where: ` AND ${dialect.quote('run')} = '${facts.run}'`,
    },
  )
  const settled = new Set(rows.map((row) => Number(row['position'])))
  return records.filter((record) => !settled.has(record.position))
}

/** Inserts rows; answers their primary keys as text. */
async function insertAccepted(context: BatchContext, verdicts: readonly Verdict[]): Promise<(string | undefined)[]> {
  const { connection, plan } = context
  const ids: (string | undefined)[] = verdicts.map((verdict) => verdict.rowId)
  /** Rows that give the same columns go in together, so that a column left out gets its default. */
  const byShape = new Map<string, { indexes: number[]; values: unknown[]; numbers: number[] }>()
  for (const [number, { record }] of verdicts.entries()) {
    const indexes = record.values.flatMap((value, index) => (value === undefined ? [] : [index]))
    const shape = byShape.get(indexes.join()) ?? { indexes, values: [], numbers: [] }
    byShape.set(indexes.join(), shape)
    for (const index of indexes) shape.values.push(record.values[index])
    shape.numbers.push(number)
  }
  const key = plan.columns[plan.keyIndex]?.name
  for (const { indexes, values, numbers } of byShape.values()) {
    const numbered = key === undefined || indexes.includes(plan.keyIndex) ? {} : { numbered: key }
    const columns = indexes.map((index) => plan.columns[index]?.name ?? '')
    const made = await connection.insert({ table: plan.table ?? '', columns, values, ...numbered })
    for (const [at, id] of made.ids.entries()) ids[numbers[at] ?? 0] = String(id)
  }
  return ids
}

function elapsedUs(startedAt: number): number {
  return Math.max(1, Math.round((performance.now() - startedAt) * 1000))
}
