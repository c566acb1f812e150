/** Single rows of entities: made, changed and deleted, each as one unit of work. */
import type { ObjectLiteral, Repository } from 'typeorm'
import type { Row } from '../drivers/driver.js'
import type { Cluster } from './cluster.js'
import type { PlacedEntity } from './entity.js'
import { readTable, withTable, type ReadTable } from './read/read-table.js'
import { rowByKey } from './read/row-by-key.js'
import { objectCheckOf } from './validation/check-object.js'
import { validationError } from './validation/translate-fault.js'

/** Looks at a stored row before it is changed; it stays as it is when this throws. */
export type RowCheck = (row: Row) => void

/** A unit of work on one table. */
interface Work {
  readonly table: ReadTable
  readonly rows: Repository<ObjectLiteral>
}

/**
 * Stores a new row; answers it as it is stored then.
 *
 * @throws SY_VALIDATION_FAILED, also when a row has its key
 */
export async function createRow(
  cluster: Cluster,
  entity: PlacedEntity,
  values: Readonly<Record<string, unknown>>,
): Promise<Row> {
  return onTable(cluster, entity, async ({ table, rows }) => {
    const object = rows.create(values)
    // Unlike `save`, this never changes a row that is there.
    await rows.insert(object)
    const { primaryColumns } = table.metadata
    const key = Object.fromEntries(
      primaryColumns.map((column) => [column.propertyPath, column.getEntityValue(object) as unknown]),
    )
    return (await rowByKey(table, key)) ?? {}
  })
}

/** Changes some fields of a row; answers it as it is stored then, or undefined when there is none. @throws SY_VALIDATION_FAILED */
export async function changeRow(
  cluster: Cluster,
  entity: PlacedEntity,
  {
    key,
    values,
    check,
  }: {
    readonly key: Readonly<Record<string, unknown>>
    readonly values: Readonly<Record<string, unknown>>
    readonly check: RowCheck
  },
): Promise<Row | undefined> {
  return onTable(cluster, entity, async ({ table, rows }) => {
    const stored = await rowByKey(table, key, { isLocked: true })
    if (stored === undefined) return undefined
    check(stored)
    await requireSound(table, { ...stored, ...values })
    // An entity would be found by a key that the client has rounded; this goes by the key as it was given.
    if (Object.keys(values).length > 0) await rows.update(key, values)
    return rowByKey(table, key)
  })
}

/** Deletes a row; false when there is none. Rows of other entities that name it stay as they are. */
export async function deleteRow(
  cluster: Cluster,
  entity: PlacedEntity,
  { key, check }: { readonly key: Readonly<Record<string, unknown>>; readonly check: RowCheck },
): Promise<boolean> {
  return onTable(cluster, entity, async ({ table, rows }) => {
    const stored = await rowByKey(table, key, { isLocked: true })
    if (stored === undefined) return false
    check(stored)
    if (table.metadata.deleteDateColumn === undefined) await rows.delete(key)
    else await rows.softDelete(key)
    return true
  })
}

/** An update is checked as far as its fields go; rules may look at several. @throws SY_VALIDATION_FAILED */
async function requireSound({ metadata }: ReadTable, row: Row): Promise<void> {
  if (typeof metadata.target !== 'function') return
  const check = objectCheckOf(metadata.target)
  check.normalise(row)
  const broken = await check.reasons(row)
  if (broken.length > 0) throw validationError(metadata.name, broken)
}

function onTable<T>(cluster: Cluster, entity: PlacedEntity, work: (on: Work) => Promise<T>): Promise<T> {
  const { database } = cluster.router.routeForWrite(entity, {})
  const table = readTable(cluster, entity, database)
  return withTable(cluster, table, () =>
    cluster.transaction(
      async (tx) => {
        const query = async (sql: string, parameters: readonly unknown[]) =>
          (await tx.manager(database).query(sql, [...parameters])) as readonly Row[]
        return work({ table: { ...table, query }, rows: tx.manager(database).getRepository(entity as never) })
      },
      { writes: [database] },
    ),
  )
}
