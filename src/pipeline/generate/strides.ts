import { seededDraw } from '../../util/seeded-draw.js'

/**
 * Chooses a share of all places, spread evenly: the places are cut into stretches of 1/share, and in each stretch the
 * seed chooses one. So any beginning has its share of them, to within one, and whether a place is chosen is known
 * without looking at those before it.
 */
export class Strides {
  readonly #share: number
  readonly #seed: number
  readonly #salt: number
  /** The stretch that was looked at last: its number, and the place chosen in it. */
  #number = -1
  #chosen = -1

  /** `share` is from 0 to 1; choices of different salts know nothing of each other. */
  constructor(share: number, options: { readonly seed: number; readonly salt: number }) {
    this.#share = share
    this.#seed = options.seed
    this.#salt = options.salt
  }

  /** Number of the choice that falls on the place, from 0; -1 when none does. */
  at(index: number): number {
    if (this.#share === 0) return -1
    const number = Math.floor(index * this.#share)
    if (number !== this.#number) {
      const start = this.#startOf(number)
      this.#chosen = start + (seededDraw(this.#seed, number, this.#salt) % (this.#startOf(number + 1) - start))
      this.#number = number
    }
    return index === this.#chosen ? number : -1
  }

  /** The first place of a stretch: the division may be off by one, the multiplication in `at` decides. */
  #startOf(number: number): number {
    let start = Math.ceil(number / this.#share)
    while (start > 0 && Math.floor((start - 1) * this.#share) >= number) start--
    while (Math.floor(start * this.#share) < number) start++
    return start
  }
}
