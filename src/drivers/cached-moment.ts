/** The text of a moment, kept for the next one: the rows of a batch were made at the same moment as a rule. */
export class CachedMoment {
  readonly #write: (moment: Date) => string
  #ms = Number.NaN
  #text = ''

  constructor(write: (moment: Date) => string) {
    this.#write = write
  }

  text(moment: Date): string {
    const ms = moment.getTime()
    if (this.#ms !== ms) {
      this.#ms = ms
      this.#text = this.#write(moment)
    }
    return this.#text
  }
}
