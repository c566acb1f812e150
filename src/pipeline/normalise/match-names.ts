/** Which name of a source feeds which property. */
import { ShardyardError } from '../../errors.js'
import type { Property } from './kinds.js'
import { nameKey, seenKey } from './name-keys.js'

/** What made a name and a property meet. */
export type MatchedBy = 'map' | 'name' | 'spelling' | 'alias' | 'fallback' | 'path'

/** A name that feeds a property. */
export interface NameMatch {
  readonly property: string
  /** As the source writes it; for a nested value its pointer, as the entity or the map declares it. */
  readonly name: string
  readonly by: MatchedBy
}

/** A value of a record: its place among the names, or a property of an object there. */
export interface Feed {
  readonly property: Property
  readonly by: MatchedBy
  readonly name: string
  readonly index: number
}

/** Values in an object that is nested in a record. */
export interface NestedFeeds {
  /** Place of the outermost object among the names. */
  readonly index: number
  readonly name: string
  /** Names of the objects in it, down to the one that holds the values. */
  readonly inner: readonly string[]
  /** What holds the value of which property, by {@link nameKey}. */
  readonly leaves: ReadonlyMap<string, Property>
  readonly matches: readonly NameMatch[]
}

/** The sources of all properties in records of the same names. */
export interface Feeds {
  readonly flat: readonly Feed[]
  readonly nested: readonly NestedFeeds[]
}

interface Nest {
  readonly segments: readonly string[]
  readonly leaves: Map<string, Property>
  /** Leaves that the map has taken. */
  readonly mapped: Set<string>
  readonly matches: NameMatch[]
}

/** Matches the names of sources with the properties of a class. */
export class NameMatcher {
  readonly #map = new Map<string, Property>()
  readonly #names = new Map<string, Property>()
  readonly #spellings = new Map<string, Property>()
  readonly #aliases = new Map<string, Property>()
  readonly #fallbacks = new Map<string, Property>()
  readonly #nests = new Map<string, Nest>()

  /** @throws SY_OPTION_INVALID when the map names an unknown property, or two properties claim one alias */
  constructor(properties: readonly Property[], map: Readonly<Record<string, string>>) {
    for (const [name, to] of Object.entries(map)) {
      const property = properties.find((one) => one.name === to)
      if (property === undefined) throw unknownProperty(to, properties)
      if (name.startsWith('/')) this.#addPath(name, property, 'map')
      else this.#map.set(name.normalize('NFC'), property)
    }
    const mapped = new Set(Object.values(map))
    const others = properties.filter(({ name }) => !mapped.has(name))
    for (const property of others) this.#names.set(property.name.normalize('NFC'), property)
    for (const [key, group] of groupByKey(others)) {
      const [property, second] = group
      if (property !== undefined && second === undefined && !property.isAutomatic) this.#spellings.set(key, property)
    }
    for (const property of others) this.#addRule(property)
  }

  /** The sources that a list of names gives. */
  match(names: readonly string[]): Feeds {
    const flat = names.flatMap((name, index) => {
      const [property, by] = this.#find(name)
      return property === undefined ? [] : [{ property, by, name, index }]
    })
    const nested = [...this.#nests.values()].flatMap((nest) => nestedIn(nest, names))
    return { flat, nested }
  }

  /** Names that a map speaks of and the list does not have. */
  missingOf(names: readonly string[]): readonly string[] {
    const present = new Set(names.map((name) => name.normalize('NFC')))
    const roots = new Set(names.map(nameKey))
    const nests = [...this.#nests.values()].filter(({ segments }) => !roots.has(nameKey(segments[0] ?? '')))
    const pointers = nests.flatMap(({ matches }) => matches.filter(({ by }) => by === 'map').map(({ name }) => name))
    return [...[...this.#map.keys()].filter((name) => !present.has(name)), ...pointers]
  }

  /** The property that a reader would think the name belongs to. */
  lookalikeOf(name: string): Property | undefined {
    const key = seenKey(name)
    return this.#spellings.get(key) ?? this.#aliases.get(key) ?? this.#fallbacks.get(key)
  }

  #find(name: string): readonly [Property | undefined, MatchedBy] {
    const composed = name.normalize('NFC')
    const key = nameKey(name)
    const isDisguised = key === name && composed !== name
    const exact = isDisguised ? undefined : composed
    const mapped = exact === undefined ? undefined : this.#map.get(exact)
    if (mapped !== undefined) return [mapped, 'map']
    const named = exact === undefined ? undefined : this.#names.get(exact)
    if (named !== undefined) return [named, 'name']
    const spelt = this.#spellings.get(key)
    if (spelt !== undefined) return [spelt, 'spelling']
    const alias = this.#aliases.get(key)
    return alias === undefined ? [this.#fallbacks.get(key), 'fallback'] : [alias, 'alias']
  }

  #addRule(property: Property): void {
    const { aliases = [], paths = [], fallbacks = [] } = property.intake
    for (const alias of aliases) claim(this.#aliases, alias, property)
    for (const fallback of fallbacks) claim(this.#fallbacks, fallback, property)
    for (const path of paths) this.#addPath(path, property, 'path')
  }

  #addPath(pointer: string, property: Property, by: MatchedBy): void {
    const segments = segmentsOf(pointer)
    const leaf = segments.pop()
    if (leaf === undefined || segments.length === 0) throw wrongPointer(pointer)
    const id = JSON.stringify(segments)
    const nest: Nest = this.#nests.get(id) ?? { segments, leaves: new Map(), mapped: new Set(), matches: [] }
    this.#nests.set(id, nest)
    // A map comes first, and takes the name away from whatever the entity declares.
    if (by === 'path' && nest.mapped.has(nameKey(leaf))) return
    if (by === 'map') nest.mapped.add(nameKey(leaf))
    claim(nest.leaves, leaf, property)
    nest.matches.push({ property: property.name, name: pointer, by })
  }
}

function nestedIn(nest: Nest, names: readonly string[]): NestedFeeds[] {
  const [root = '', ...inner] = nest.segments
  return names.flatMap((name, index) =>
    nameKey(name) === nameKey(root) ? [{ index, name, inner, leaves: nest.leaves, matches: nest.matches }] : [],
  )
}

function groupByKey(properties: readonly Property[]): ReadonlyMap<string, Property[]> {
  const groups = new Map<string, Property[]>()
  for (const property of properties) {
    const key = nameKey(property.name)
    groups.set(key, [...(groups.get(key) ?? []), property])
  }
  return groups
}

function claim(claims: Map<string, Property>, name: string, property: Property): void {
  const key = nameKey(name)
  const other = claims.get(key)
  if (other !== undefined && other !== property) {
    throw new ShardyardError(
      'SY_OPTION_INVALID',
      `"${name}" is declared for ${other.name} and for ${property.name}. Let one name feed one property.`,
      { details: { option: 'aliases', name } },
    )
  }
  claims.set(key, property)
}

/** `/a/b~1c` → `a`, `b/c` (RFC 6901). */
function segmentsOf(pointer: string): string[] {
  if (!/^(?:\/(?:[^/~]|~[01])+)+$/.test(pointer)) throw wrongPointer(pointer)
  const segments = pointer.slice(1).split('/')
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function wrongPointer(pointer: string): ShardyardError {
  return new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected a JSON pointer to a nested value, such as /payload/metric, got ${JSON.stringify(pointer)}.`,
    { details: { option: 'paths', pointer } },
  )
}

function unknownProperty(name: unknown, properties: readonly Property[]): ShardyardError {
  const known = properties.map((property) => property.name).join(', ')
  return new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected \`map\` to name properties that sources can fill (${known}), got ${JSON.stringify(name)}.`,
    { details: { option: 'map', property: name } },
  )
}
