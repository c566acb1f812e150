/** Inserts the rows of accepted records, and finds those that the database refuses. */
import type { BulkResult, BulkRows } from '../../drivers/driver.js'
import type { TableRecord } from '../bulk/judge-table.js'
import type { IngestReason } from './ingest-reason.js'
import type { PartContext } from './part-context.js'

/** What became of rows, by their index. */
export interface RowInsert {
  /** Primary keys as text, where lines name them; undefined for refused rows. */
  readonly ids: readonly (string | undefined)[]
  readonly refusals: ReadonlyMap<number, IngestReason>
}

/**
 * Inserts rows. One that breaks a constraint that no rule of the entity foretold is found by halving, and refused
 * alone; a value that another row has is the caller's business.
 */
export async function insertRows(context: PartContext, records: readonly TableRecord[]): Promise<RowInsert> {
  const insert = new Insert(context, records)
  await insert.run(
    records.map((_, index) => index),
    false,
  )
  return insert
}

class Insert implements RowInsert {
  readonly ids: (string | undefined)[]
  readonly refusals = new Map<number, IngestReason>()
  readonly #context: PartContext
  readonly #records: readonly TableRecord[]

  constructor(context: PartContext, records: readonly TableRecord[]) {
    this.#context = context
    this.#records = records
    this.ids = records.map(() => undefined)
  }

  async run(indexes: readonly number[], isPart: boolean): Promise<void> {
    if (indexes.length === 0) return
    const { connection, isUnique, refusalOf } = this.#context
    await connection.execute('SAVEPOINT shardyard_rows')
    try {
      for (const shape of rowShapes(this.#context, this.#records, indexes)) {
        rowIdsOfShape(this.#context, shape, { made: await connection.insert(shape.rows), into: this.ids })
      }
      if (isPart) await connection.execute('RELEASE SAVEPOINT shardyard_rows')
    } catch (error) {
      const refusal = isUnique(error) ? undefined : refusalOf(error)
      if (refusal === undefined) throw error
      await connection.execute('ROLLBACK TO SAVEPOINT shardyard_rows')
      const [only] = indexes
      if (indexes.length === 1 && only !== undefined) return void this.refusals.set(only, refusal)
      const half = indexes.length >> 1
      await this.run(indexes.slice(0, half), true)
      await this.run(indexes.slice(half), true)
    }
  }
}

/** Rows that give the same columns. */
export interface RowShape {
  readonly rows: BulkRows
  /** Which of the records they are. */
  readonly indexes: readonly number[]
  /** Place of the key among the columns; -1 where the database gives it. */
  readonly key: number
}

/** Rows that give the same columns go in together, so that a column left out gets its default. */
export function rowShapes(
  { plan, ledger }: PartContext,
  records: readonly TableRecord[],
  indexes: readonly number[] = records.map((_, index) => index),
): readonly RowShape[] {
  const key = plan?.columns[plan.keyIndex]?.name
  return byShape(records, indexes).map(({ given, own }) => {
    const place = given.indexOf(plan?.keyIndex ?? -1)
    const columns = given.map((column) => plan?.columns[column]?.name ?? '')
    // Only the lines of a full ledger name the rows.
    const numbered = key === undefined || place >= 0 || ledger !== 'full' ? {} : { numbered: key }
    const values = givenValues(records, own, given)
    return { rows: { table: plan?.table ?? '', columns, values, ...numbered }, indexes: own, key: place }
  })
}

function byShape(records: readonly TableRecord[], indexes: readonly number[]) {
  const shapes = new Map<string, { readonly given: number[]; readonly own: number[] }>()
  let last: { readonly values: readonly unknown[]; readonly own: number[] } | undefined
  for (const index of indexes) {
    const values = records[index]?.values ?? NO_VALUES
    if (last === undefined || !isSameShape(last.values, values)) {
      const key = shapeOf(values)
      let shape = shapes.get(key)
      if (shape === undefined) {
        shape = { given: values.flatMap((value, column) => (value === undefined ? [] : [column])), own: [] }
        shapes.set(key, shape)
      }
      last = { values, own: shape.own }
    }
    last.own.push(index)
  }
  return [...shapes.values()]
}

/** In a list of the right size from the start: one that grows is copied many times. */
function givenValues(records: readonly TableRecord[], own: readonly number[], given: readonly number[]): unknown[] {
  const values = Array.from<unknown>({ length: own.length * given.length })
  let at = 0
  for (const index of own) {
    const all = records[index]?.values ?? NO_VALUES
    for (let place = 0; place < given.length; place++) values[at++] = all[given[place] ?? 0]
  }
  return values
}

const NO_VALUES: readonly never[] = Object.freeze([])

/** Notes the keys of rows that were written, by the index of their record. */
export function rowIdsOfShape(
  { ledger }: PartContext,
  { rows, indexes, key }: RowShape,
  { made, into }: { readonly made: BulkResult; readonly into: (string | undefined)[] },
): void {
  if (ledger !== 'full') return
  const width = rows.columns.length
  for (let at = 0; at < indexes.length; at++) {
    const id = key < 0 ? made.ids[at] : rows.values[at * width + key]
    into[indexes[at] ?? 0] = id === undefined || id === null ? undefined : String(id)
  }
}

function shapeOf(values: readonly unknown[]): string {
  return values.map((value) => (value === undefined ? '0' : '1')).join('')
}

function isSameShape(a: readonly unknown[], b: readonly unknown[]): boolean {
  for (let index = 0; index < a.length; index++) {
    if ((a[index] === undefined) !== (b[index] === undefined)) return false
  }
  return true
}
