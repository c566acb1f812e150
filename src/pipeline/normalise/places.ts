/** Where values stand in a record, and the ones that stand in its objects. */
import type { Property } from './kinds.js'
import type { NestedFeeds } from './match-names.js'
import { nameKey } from './name-keys.js'

/** Where a value stands in a record: under a name, or as a key of an object there. Made a pointer when it is told. */
export interface Place {
  readonly pointer: string
  readonly key?: string
  readonly isFallback: boolean
}

/** A value of a record and where it stands. */
export interface Candidate {
  readonly value: unknown
  readonly place: Place
}

/** The nested values of a record, by property. */
export function findNested(nested: readonly NestedFeeds[], values: readonly unknown[]): Map<Property, Candidate[]> {
  const found = new Map<Property, Candidate[]>()
  for (const { index, name, inner, leaves } of nested) {
    const holder = descend({ value: values[index], pointer: pointerTo(name) }, inner)
    if (holder === undefined) continue
    for (const key of Object.keys(holder.value)) {
      const property = leaves.get(nameKey(key))
      if (property === undefined) continue
      const place = { pointer: holder.pointer, key, isFallback: false }
      const candidate = { value: holder.value[key], place }
      const others = found.get(property)
      if (others === undefined) found.set(property, [candidate])
      else others.push(candidate)
    }
  }
  return found
}

interface Holder {
  readonly value: Readonly<Record<string, unknown>>
  readonly pointer: string
}

function descend(
  { value, pointer }: { value: unknown; pointer: string },
  inner: readonly string[],
): Holder | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date) return undefined
  const object = value as Record<string, unknown>
  const [name, ...rest] = inner
  if (name === undefined) return { value: object, pointer }
  const key = Object.keys(object).find((one) => nameKey(one) === nameKey(name))
  if (key === undefined) return undefined
  return descend({ value: object[key], pointer: pointer + pointerTo(key) }, rest)
}

/** The JSON pointer of a place. */
export function pointerOf({ pointer, key }: Place): string {
  return key === undefined ? pointer : pointer + pointerTo(key)
}

/** `b/c` → `/b~1c` (RFC 6901). */
export function pointerTo(name: string): string {
  return /[~/]/.test(name) ? `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : `/${name}`
}
