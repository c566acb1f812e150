/**
 * What stands at each place of a file that is made: an error, a repetition, a record. A place is decided by the seed and
 * its index alone, so that a longer file begins like a shorter one.
 */
import { seededDraw } from '../../util/seeded-draw.js'
import { Strides } from './strides.js'

/** Shares of what stands in a file beside the errors that are asked for. */
const SHARES = {
  /** Records that repeat an earlier one byte by byte. */
  duplicate: 1 / 100,
  /** Records with an oddity that a load mends. */
  quirk: 1 / 20,
  /** Blank lines, before a record. */
  blank: 1 / 200,
  /** Lines that repeat the header, before a record. */
  header: 1 / 1_000,
} as const

/** Salts from 1000 on: those below belong to the values of fields. */
const SALTS = { flaw: 1_000, duplicate: 1_001, quirk: 1_002, blank: 1_003, header: 1_004, origin: 1_005 } as const

/** How many records are looked through for one that can be repeated. */
const WALK_MAX = 1_000

/** The places of one seed and one share of errors. */
export class SamplePlan {
  readonly #seed: number
  readonly #flaws: Strides
  readonly #duplicates: Strides
  readonly #quirks: Strides
  readonly #blanks: Strides
  readonly #headers: Strides

  constructor({ seed, invalid }: { readonly seed: number; readonly invalid: number }) {
    const strides = (name: keyof typeof SHARES) => new Strides(SHARES[name], { seed, salt: SALTS[name] })
    this.#seed = seed
    this.#flaws = new Strides(invalid, { seed, salt: SALTS.flaw })
    this.#duplicates = strides('duplicate')
    this.#quirks = strides('quirk')
    this.#blanks = strides('blank')
    this.#headers = strides('header')
  }

  /** Number of the error that the record has; -1 when it has none. */
  flawAt(index: number): number {
    return this.#flaws.at(index)
  }

  /** Number of the oddity that a sound record has; -1 when it has none. */
  quirkAt(index: number): number {
    return this.#quirks.at(index)
  }

  /** Index of the sound record that a record without an error repeats; -1 when it is new. */
  originOf(index: number): number {
    if (index === 0 || this.#duplicates.at(index) === -1) return -1
    const from = seededDraw(this.#seed, index, SALTS.origin) % index
    for (let at = from; at >= 0 && at > from - WALK_MAX; at--) {
      if (this.#flaws.at(at) === -1 && (at === 0 || this.#duplicates.at(at) === -1)) return at
    }
    return -1
  }

  /** Number of the blank line before the record; -1 for none. */
  blankBefore(index: number): number {
    return this.#blanks.at(index)
  }

  /** Number of the header line before the record; -1 for none. Never right after the first one. */
  headerBefore(index: number): number {
    return index === 0 ? -1 : this.#headers.at(index)
  }
}
