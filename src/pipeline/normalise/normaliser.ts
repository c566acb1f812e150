/** Records of messy sources → the properties of an entity. Nothing is guessed: what is changed is told, what is ambiguous is refused. */
import type { EntityClass } from '../../columns/references.js'
import { ShardyardError } from '../../errors.js'
import { propertiesOf, type Property } from './kinds.js'
import { NameMatcher, type Feeds, type NameMatch } from './match-names.js'
import type { Normalised } from './notes.js'
import { RecordReader } from './record-reader.js'

/** Options of {@link normaliserOf}. */
export interface NormaliserOptions {
  /** Name of the source (or JSON pointer into it) → property. Such a property is fed by nothing else. */
  readonly map?: Readonly<Record<string, string>>
  /** IANA name of the time zone of dates that say none, where the entity declares none. */
  readonly zone?: string
}

/** What becomes of the names of a source, for a look before anything is read. */
export interface NamePlan {
  readonly matches: readonly NameMatch[]
  /** Names that feed nothing. */
  readonly unused: readonly string[]
  /** Properties that nothing feeds; their defaults count. */
  readonly unfed: readonly string[]
  /** Unused names that look like one that would feed a property: other letters, or characters that are not seen. */
  readonly lookalikes: readonly { readonly name: string; readonly property: string }[]
}

/** Brings records of one entity into its properties. */
export interface Normaliser {
  /** The reader of records that have these names. Made once for each array, so that one array should serve all records. */
  forNames(names: readonly string[]): (values: readonly unknown[]) => Normalised
  /** Where the values of properties stand in records that have these names, as JSON pointers. */
  pointers(names: readonly string[]): ReadonlyMap<string, string>
  /**
   * Which name feeds which property. For a source whose records all have the same names: the map must fit.
   *
   * @throws SY_OPTION_INVALID when the map speaks of a name that is not there
   */
  plan(names: readonly string[]): NamePlan
}

/**
 * The normaliser of an entity class, made of its columns and what `@Intake` says of them.
 *
 * @throws SY_OPTION_INVALID when the map or what `@Intake` says cannot be used
 */
export function normaliserOf(target: EntityClass, options: NormaliserOptions = {}): Normaliser {
  const properties = propertiesOf(target)
  const matcher = new NameMatcher(properties, options.map ?? {})
  const reader = new RecordReader(properties, options.zone)
  const pointers = new WeakMap<readonly string[], ReadonlyMap<string, string>>()
  const readers = new WeakMap<readonly string[], (values: readonly unknown[]) => Normalised>()
  return {
    forNames(names) {
      const known = readers.get(names)
      if (known !== undefined) return known
      const read = reader.forFeeds(matcher.match(names))
      readers.set(names, read)
      return read
    },
    pointers(names) {
      const known = pointers.get(names) ?? pointersOf(matcher.match(names))
      pointers.set(names, known)
      return known
    },
    plan: (names) => planOf(names, properties, matcher),
  }
}

function planOf(names: readonly string[], properties: readonly Property[], matcher: NameMatcher): NamePlan {
  const missing = matcher.missingOf(names)
  if (missing.length > 0) {
    throw new ShardyardError(
      'SY_OPTION_INVALID',
      `Expected \`map\` to speak of names that the source has (${names.join(', ')}), got ${missing.join(', ')}.`,
      { details: { option: 'map', missing } },
    )
  }
  const feeds = matcher.match(names)
  const { flat, nested } = feeds
  const matches = matchesOf(feeds)
  const used = new Set([...flat.map(({ name }) => name), ...nested.map(({ name }) => name)])
  const fed = new Set(matches.map(({ property }) => property))
  const unused = names.filter((name) => !used.has(name))
  return {
    matches,
    unused,
    unfed: properties.map(({ name }) => name).filter((name) => !fed.has(name)),
    lookalikes: unused.flatMap((name) => {
      const property = matcher.lookalikeOf(name)
      return property === undefined ? [] : [{ name, property: property.name }]
    }),
  }
}

function matchesOf({ flat, nested }: Feeds): NameMatch[] {
  return [
    ...flat.map(({ property, name, by }) => ({ property: property.name, name, by })),
    ...nested.flatMap((nest) => nest.matches),
  ]
}

function pointersOf(feeds: Feeds): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { property, name, by } of matchesOf(feeds)) {
    const isPointer = by === 'path' || (by === 'map' && name.startsWith('/'))
    // Of several sources the first one is the likeliest to be meant.
    if (!found.has(property))
      found.set(property, isPointer ? name : `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  }
  return found
}
