import { createHash } from 'node:crypto'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import type { RecordSource, SourceRecord, StrayRecord } from '../../cluster/record-source.js'

/** Most of a wrong name that a message quotes. */
const NAME_LENGTH = 100
/** Names that every engine keeps alike. Some do not tell `Invoice` from `invoice`. */
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/

/**
 * A source made of a list in memory. Each item names its entity (`{ "entity": "User", "id": 1, … }`) and stands at its
 * place in the list; items that name none of `entities` are strays.
 */
export function arraySource(
  items: readonly unknown[],
  entities: readonly PlacedEntity[],
  about: { readonly title: string; readonly identity?: string },
): RecordSource {
  const records = new Map<PlacedEntity, SourceRecord[]>(entities.map((entity) => [entity, []]))
  const strays: StrayRecord[] = []
  const byName = new Map(entities.map((entity) => [nameOf(entity), entity]))
  const strayName = strayNames(byName.keys())
  for (const [position, item] of items.entries()) {
    const { entity: name, ...record } = isObject(item) ? item : { entity: undefined, value: item }
    const entity = typeof name === 'string' ? byName.get(name) : undefined
    if (entity !== undefined) records.get(entity)?.push({ position, record })
    else
      strays.push({ position, record, entity: strayName(name), message: strayMessage(item, name, [...byName.keys()]) })
  }
  const used = entities.filter((entity) => records.get(entity)?.length !== 0)
  return {
    identity: about.identity ?? `sha256:${createHash('sha256').update(JSON.stringify(items)).digest('hex')}`,
    title: about.title,
    entities: used,
    strays,
    count: (entity) => records.get(entity)?.length ?? 0,
    at(entity, index) {
      const record = records.get(entity)?.[index]
      if (record === undefined) throw new RangeError(`${nameOf(entity)} has no record ${index}.`)
      return record
    },
  }
}

/** The name under which a stray stands in the ledger: its own where every engine tells it from all others. */
function strayNames(known: Iterable<string>): (name: unknown) => string {
  const spellings = new Map([...known].map((name) => [name.toLowerCase(), '']))
  return (name) => {
    if (typeof name !== 'string' || !NAME.test(name)) return '?'
    const spelling = spellings.get(name.toLowerCase()) ?? name
    spellings.set(name.toLowerCase(), spelling)
    return spelling === name ? name : '?'
  }
}

function strayMessage(item: unknown, name: unknown, known: readonly string[]): string {
  if (!isObject(item)) return 'Record must be an object'
  return `Entity must be one of ${known.join(', ')}: ${String(JSON.stringify(name) ?? 'none').slice(0, NAME_LENGTH)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
