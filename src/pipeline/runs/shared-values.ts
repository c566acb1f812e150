/** Finds the records that share an id or another unique value: they go to one thread, in the order of the source. */
import { fieldsOf } from '../../columns/field-registry.js'
import type { PlacedEntity } from '../../cluster/entity.js'
import type { RecordSource } from '../../cluster/record-source.js'

/**
 * Indexes of an entity's records in groups; records of different groups share no value of any of the unique keys.
 * Groups are in the order of their first record.
 */
export function groupsOf(source: RecordSource, entity: PlacedEntity, keys: readonly (readonly string[])[]): number[][] {
  const parents = Array.from({ length: source.count(entity) }, (_, index) => index)
  const headOf = (index: number): number => {
    let head = index
    while (parents[head] !== head) head = parents[head] ?? head
    parents[index] = head
    return head
  }
  const fields = fieldsOf(entity)
  const seen = keys.map(() => new Map<string, number>())
  for (let index = 0; index < parents.length; index++) {
    const { record } = source.at(entity, index)
    for (const [number, properties] of keys.entries()) {
      const value = keyText(record, properties, fields)
      if (value === undefined) continue
      const first = seen[number]?.get(value)
      if (first === undefined) seen[number]?.set(value, index)
      else join(parents, headOf(first), headOf(index))
    }
  }
  const groups = new Map<number, number[]>()
  for (let index = 0; index < parents.length; index++) {
    const head = headOf(index)
    const group = groups.get(head)
    if (group === undefined) groups.set(head, [index])
    else group.push(index)
  }
  return [...groups.values()]
}

function join(parents: number[], a: number, b: number): void {
  parents[Math.max(a, b)] = Math.min(a, b)
}

function keyText(
  record: Readonly<Record<string, unknown>>,
  properties: readonly string[],
  fields: ReturnType<typeof fieldsOf>,
): string | undefined {
  const values = properties.map((property) => {
    const value = Object.hasOwn(record, property) ? record[property] : undefined
    return fields.get(property)?.normalise?.(value) ?? value
  })
  // An object is no value of any column, and may have no text either.
  return values.some((value) => value === undefined || value === null || typeof value === 'object')
    ? undefined
    : JSON.stringify(values.map(String))
}
