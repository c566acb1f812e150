/** Reads records whose names are matched already. Runs once for each record, so that what can be known before is. */
import type { Property } from './kinds.js'
import type { Feed, Feeds, NestedFeeds } from './match-names.js'
import { Notes, REFUSED, shown, type Change, type Normalised, type NormaliseReason, type Parse } from './notes.js'
import { parserOf } from './parsers.js'
import { findNested, pointerOf, pointerTo, type Candidate, type Place } from './places.js'

const NO_CHANGES: readonly Change[] = Object.freeze([])
const NO_REASONS: readonly NormaliseReason[] = Object.freeze([])

/** Objects without a prototype of their own kind: those of `Object.create(null)` are slow to fill. */
const Values = function () {} as unknown as new () => Record<string, unknown>
Values.prototype = Object.freeze(Object.create(null))

/** A property and what is needed to read it. */
interface Reading {
  readonly property: Property
  readonly parse: Parse
  readonly emptyWords: ReadonlySet<string> | undefined
  /** Blanks alone are a value only of plain text columns, which nothing trims. */
  readonly keepsBlanks: boolean
}

/** A name that feeds a property, with its place among the names. */
interface FlatPlace extends Place {
  readonly index: number
}

/** A reading with its places in records of the same names. */
interface Slot extends Reading {
  readonly feeds: readonly FlatPlace[]
  readonly fallbacks: readonly FlatPlace[]
  /** The one place that it can come from; undefined when there are several, or nested ones. */
  readonly only: FlatPlace | undefined
  readonly isFed: boolean
}

/** What is found out about one record. */
interface Draft {
  readonly values: Record<string, unknown>
  changes: readonly Change[]
  reasons: readonly NormaliseReason[]
}

/** Reads records of one class. */
export class RecordReader {
  readonly #readings: readonly Reading[]
  readonly #notes = new Notes()

  constructor(properties: readonly Property[], zone: string | undefined) {
    this.#readings = properties.map((property) => ({
      property,
      parse: parserOf(property, zone),
      emptyWords: property.intake.empty === undefined ? undefined : new Set(property.intake.empty),
      keepsBlanks: property.kind === 'any' || (property.kind === 'text' && property.field?.normalise === undefined),
    }))
  }

  forFeeds({ flat, nested }: Feeds): (values: readonly unknown[]) => Normalised {
    const slots = this.#readings
      .map((reading) => slotOf(reading, flat, nested))
      .filter(({ isFed, property }) => isFed || property.intake.default !== undefined)
    return (values) => {
      const draft: Draft = { values: new Values(), changes: NO_CHANGES, reasons: NO_REASONS }
      const found = nested.length > 0 ? findNested(nested, values) : undefined
      for (const slot of slots) {
        if (slot.only !== undefined) this.#readAt(slot.only, slot, { value: values[slot.only.index], draft })
        else if (!slot.isFed) fillIn(slot, draft)
        else this.#readSeveral(slot, candidatesOf(slot, values, found?.get(slot.property)), draft)
      }
      return draft
    }
  }

  #readAt(place: Place, slot: Slot, { value, draft }: { readonly value: unknown; readonly draft: Draft }): void {
    if (!isGiven(slot, value)) {
      tellEmptyWord(slot, { value, place }, draft)
      fillIn(slot, draft)
      return
    }
    const notes = this.#notes
    const read = slot.parse(value, notes)
    if (place.isFallback) notes.changed('FALLBACK')
    if (read !== REFUSED) {
      draft.values[slot.property.name] = read
      if (notes.whys.length === 0) return
    }
    this.#tell(slot, { value, place }, { read, draft })
  }

  /** Takes the notes of the value that was just read over into the draft. */
  #tell({ property }: Slot, { value, place }: Candidate, { read, draft }: { read: unknown; draft: Draft }): void {
    const { refusal, whys } = this.#notes
    const pointer = pointerOf(place)
    if (refusal === undefined) {
      for (const why of whys) tell(draft, { field: property.name, pointer, from: value, to: read, why })
    } else {
      const message = `${property.label} ${refusal.message}`
      refuse(draft, { code: refusal.code, field: property.name, pointer, message, fix: refusal.fix })
    }
    this.#notes.clear()
  }

  #readSeveral(slot: Slot, candidates: readonly Candidate[], draft: Draft): void {
    const all = candidates.filter(({ value }) => isGiven(slot, value))
    const own = all.length > 1 ? all.filter(({ place }) => !place.isFallback) : all
    const given = own.length > 0 ? own : all
    const [first] = given
    if (first === undefined) {
      for (const candidate of candidates) tellEmptyWord(slot, candidate, draft)
      fillIn(slot, draft)
    } else if (given.length > 1 && !this.#agree(slot, given)) {
      refuse(draft, twoSources(slot, given))
    } else {
      this.#readAt(first.place, slot, { value: first.value, draft })
    }
  }

  /** Whether all sources say the same, in whatever notation. */
  #agree(slot: Slot, given: readonly Candidate[]): boolean {
    const texts = given.map(({ value }) => {
      const read = slot.parse(value, this.#notes)
      this.#notes.clear()
      return sameText(slot, read === REFUSED ? value : read, read === REFUSED)
    })
    return texts.every((text) => text === texts[0])
  }
}

/** A word that stands for nothing is told; nothing itself is not. */
function tellEmptyWord({ property, emptyWords }: Slot, { value, place }: Candidate, draft: Draft): void {
  if (emptyWords === undefined || typeof value !== 'string' || !emptyWords.has(value.trim())) return
  tell(draft, { field: property.name, pointer: pointerOf(place), from: value, to: undefined, why: 'EMPTY_WORD' })
}

function fillIn({ property }: Slot, draft: Draft): void {
  const { default: given } = property.intake
  if (given === undefined) return
  const value: unknown = typeof given === 'function' ? (given as () => unknown)() : given
  draft.values[property.name] = value
  tell(draft, { field: property.name, pointer: '', from: undefined, to: value, why: 'DEFAULT' })
}

function slotOf(reading: Reading, flat: readonly Feed[], nested: readonly NestedFeeds[]): Slot {
  const { property } = reading
  // The exact name comes first: its spelling of an equal value is the one kept.
  const own = flat.filter((feed) => feed.property === property).toSorted((a, b) => rank(a) - rank(b))
  const places = own.map(({ index, name, by }) => ({ index, pointer: pointerTo(name), isFallback: by === 'fallback' }))
  const isNested = nested.some(({ leaves }) => [...leaves.values()].includes(property))
  return {
    ...reading,
    feeds: places.filter(({ isFallback }) => !isFallback),
    fallbacks: places.filter(({ isFallback }) => isFallback),
    only: places.length === 1 && !isNested ? places[0] : undefined,
    isFed: places.length > 0 || isNested,
  }
}

function rank({ by }: Feed): number {
  return by === 'map' || by === 'name' ? 0 : 1
}

/** Everything that stands in a property's places, given or not. */
function candidatesOf(slot: Slot, values: readonly unknown[], nested: readonly Candidate[] = []): readonly Candidate[] {
  if (slot.feeds.length === 0 && slot.fallbacks.length === 0) return nested
  const candidates: Candidate[] = []
  for (const place of slot.feeds) candidates.push({ value: values[place.index], place })
  candidates.push(...nested)
  for (const place of slot.fallbacks) candidates.push({ value: values[place.index], place })
  return candidates
}

/** Whether a value is there at all. */
function isGiven({ emptyWords, keepsBlanks }: Reading, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false
  if (typeof value !== 'string') return true
  const first = value.charCodeAt(0)
  const mayBeBlank = first <= 32 || first >= 127
  if (mayBeBlank && !keepsBlanks && value.trim() === '') return false
  return emptyWords === undefined || !emptyWords.has(value.trim())
}

/** A text that is equal exactly when the stored values would be; what could not be read equals only its like. */
function sameText({ property }: Slot, value: unknown, isRefused: boolean): string {
  const stored = property.field?.normalise?.(value) ?? value
  const text = stored instanceof Date ? stored.getTime() : typeof stored === 'object' ? JSON.stringify(stored) : stored
  return `${isRefused ? `refused ${typeof value}` : 'read'} ${String(text)}`
}

function twoSources({ property }: Slot, given: readonly Candidate[]): NormaliseReason {
  const list = given.map(({ value, place }) => `${shown(value)} in ${pointerOf(place)}`)
  return {
    code: 'TWO_SOURCES',
    field: property.name,
    pointer: given[0] === undefined ? '' : pointerOf(given[0].place),
    message: `${property.label} is given more than once, and not alike: ${list.join(', ')}`,
    fix: 'Give it once, or map the one that counts.',
  }
}

function tell(draft: Draft, change: Change): void {
  draft.changes = [...draft.changes, change]
}

function refuse(draft: Draft, reason: NormaliseReason): void {
  draft.reasons = [...draft.reasons, reason]
}
