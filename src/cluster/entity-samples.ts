import type { PlacedEntity } from './entity.js'

/** The place of a record in a file that is made; all of the record depends on it alone. */
export interface SamplePlace {
  readonly seed: number
  /** From 0. */
  readonly index: number
  /** A number from 0 to 2^32 - 1; each value of a record draws with a salt of its own, 0 to 999. */
  readonly draw: (salt: number) => number
}

/** One way in which the value of a field can be wrong. */
export interface SampleFlaw {
  /** The code of the reason that a load refuses it for. */
  readonly code: string
  /**
   * Wrong values, one of which is drawn; undefined leaves the value out. Those that a format cannot hold, such as a
   * list in CSV, are passed over there.
   */
  readonly values: readonly unknown[]
}

/** Writes a sound value in an odd way that a load reads all the same; undefined leaves the value out. */
export type SampleQuirk = (value: string) => unknown

/** How the values of one property are made. */
export interface SampleField {
  readonly property: string
  /** Names that sources give it; each file takes one of them. @defaultValue the name of the property */
  readonly names?: readonly [string, ...string[]]
  /** True for what JSON writes without quotes. @defaultValue false */
  readonly isNumber?: boolean
  /** A sound value. In CSV no value may begin with a quote, a comma or a line break. */
  readonly value: (place: SamplePlace) => string
  readonly flaws: readonly SampleFlaw[]
  readonly quirks: readonly SampleQuirk[]
}

/**
 * What makes the records of an entity for data files; part of a cluster definition. One of the fields must hold a value
 * that no other record of its seed has, or records could be taken for duplicates of one another. The first one is a
 * text of ordinary characters, where errors of the format are made.
 */
export interface EntitySamples {
  readonly entity: PlacedEntity
  /** Two or more. */
  readonly fields: readonly SampleField[]
}
