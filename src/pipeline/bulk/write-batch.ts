/**
 * Writes records and their ledger lines in one transaction of the database that takes them.
 *
 * 1. A record's row and its line are stored together or not at all.
 * 2. A stored row beats every record; among the records of a batch the earlier one wins a shared unique value.
 * 3. What another writer stores between our look and our write makes the transaction fail, and it is run again.
 */
import { LEDGER_TABLE } from '../../cluster/bookkeeping/tables.js'
import type { Connection, Dialect } from '../../drivers/driver.js'
import { selectIn } from './bulk-sql.js'
import { judgeAgainstTable, refused, type TableRecord, type Verdict } from './judge-table.js'
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
  const verdicts =
    plan.table === undefined
      ? records.map(refused)
      : await judgeAgainstTable(context, records, { earlier: (suspects) => earlierLines(context, suspects) })
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

/** Accepted lines of other runs for the same places of the same source. */
async function earlierLines(context: BatchContext, records: readonly TableRecord[]) {
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
async function insertAccepted(
  context: BatchContext,
  verdicts: readonly Verdict<JudgedRecord>[],
): Promise<(string | undefined)[]> {
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
