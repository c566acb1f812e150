/** Looks rows up by their keys, many in one statement, and remembers those that were asked for last. */
import type { Cluster } from '../../../cluster/cluster.js'
import type { PlacedEntity } from '../../../cluster/entity.js'
import { readTable } from '../../../cluster/read/read-table.js'
import { rowPages } from '../../../cluster/read/row-pages.js'
import { ShardyardError } from '../../../errors.js'
import { checkInteger } from '../../../util/check-option.js'

/** A key as the class has it. */
export type LookUpKey = string | number

/** Options of {@link LookUp}. */
export interface LookUpOptions<Entity, Name extends keyof Entity & string> {
  readonly columns: readonly Name[]
  /** The column that is looked for: no two rows have the same value in it. @defaultValue the primary key */
  readonly by?: keyof Entity & string
  /** How many rows are remembered. @defaultValue 50000 */
  readonly keptMax?: number
  readonly signal?: AbortSignal
}

const KEPT_MAX = 50_000
/** Keys in one statement; below the limits of every engine, also when each goes twice. */
const KEYS_MAX = 1_000

/**
 * Rows of an entity by their keys: the other way to join, for a stream that is not in the order of the key.
 *
 * @example
 * const products = new LookUp(cluster, Product, { columns: ['id', 'price'] })
 * const found = await products.of(orders.map(({ productId }) => productId))
 */
export class LookUp<Entity extends object, Name extends keyof Entity & string> {
  readonly #cluster: Cluster
  readonly #entity: PlacedEntity<Entity>
  readonly #options: LookUpOptions<Entity, Name>
  readonly #by: keyof Entity & string
  readonly #keptMax: number
  /** By the text of their key, in the order of their last use; undefined for a key that no row has. */
  readonly #kept = new Map<string, Pick<Entity, Name> | undefined>()

  /** @throws SY_OPTION_INVALID when the primary key has several columns and `by` does not say which one is meant */
  constructor(cluster: Cluster, entity: PlacedEntity<Entity>, options: LookUpOptions<Entity, Name>) {
    this.#cluster = cluster
    this.#entity = entity
    this.#options = options
    this.#by = options.by ?? primaryKeyOf(cluster, entity)
    this.#keptMax = checkInteger('keptMax', options.keptMax ?? KEPT_MAX, { min: 1, max: 10_000_000 })
  }

  /** The rows by these keys; a key that no row has is not in the answer. 5 and '5' find the same row. */
  async of(keys: Iterable<LookUpKey>): Promise<ReadonlyMap<LookUpKey, Pick<Entity, Name>>> {
    const found = new Map<LookUpKey, Pick<Entity, Name>>()
    const unknown: LookUpKey[] = []
    for (const key of new Set(keys)) {
      const text = String(key)
      if (this.#kept.has(text)) {
        const row = this.#kept.get(text)
        this.#keep(text, row)
        if (row !== undefined) found.set(key, row)
      } else unknown.push(key)
    }
    for (let from = 0; from < unknown.length; from += KEYS_MAX) {
      const some = unknown.slice(from, from + KEYS_MAX)
      const rows = await this.#read(some)
      for (const key of some) {
        const row = rows.get(String(key))
        this.#keep(String(key), row)
        if (row !== undefined) found.set(key, row)
      }
    }
    return found
  }

  async #read(keys: readonly LookUpKey[]): Promise<ReadonlyMap<string, Pick<Entity, Name>>> {
    const { columns, signal } = this.#options
    const by = this.#by as Name
    const pages = rowPages(this.#cluster, this.#entity, {
      columns: [...new Set([...columns, by])],
      where: [[this.#by, 'in', keys]],
      pageRows: KEYS_MAX,
      ...(signal && { signal }),
    })
    const rows = new Map<string, Pick<Entity, Name>>()
    for await (const page of pages) for (const row of page) rows.set(String(row[by]), row)
    return rows
  }

  #keep(key: string, row: Pick<Entity, Name> | undefined): void {
    this.#kept.delete(key)
    this.#kept.set(key, row)
    if (this.#kept.size <= this.#keptMax) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      break
    }
  }
}

function primaryKeyOf<Entity extends object>(cluster: Cluster, entity: PlacedEntity<Entity>): keyof Entity & string {
  const { metadata, entity: name } = readTable(cluster, entity)
  const [column, ...more] = metadata.primaryColumns
  if (column !== undefined && more.length === 0) return column.propertyPath as keyof Entity & string
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `The primary key of ${name} has ${more.length + 1} columns; say by which one rows are looked up.`,
    { details: { entity: name } },
  )
}
