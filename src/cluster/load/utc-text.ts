/** Texts of moments in UTC, `… 10:00:00.000`, of which those of one day share their beginning. */
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'))
const DAY_MS = 86_400_000
const TIME_LENGTH = '10:00:00.000'.length

export class UtcText {
  readonly #write: (moment: Date) => string
  #day = Number.NaN
  #beginning = ''

  /** `write` makes the text of any moment; it is asked once for those of a day. */
  constructor(write: (moment: Date) => string) {
    this.#write = write
  }

  of(moment: Date): string {
    const ms = moment.getTime()
    const day = Math.floor(ms / DAY_MS)
    if (day !== this.#day) {
      const text = this.#write(moment)
      this.#day = day
      this.#beginning = text.slice(0, -TIME_LENGTH)
      return text
    }
    const left = ms - day * DAY_MS
    const seconds = Math.floor(left / 1_000)
    const minutes = Math.floor(seconds / 60)
    const [hour, minute] = [TWO_DIGITS[Math.floor(minutes / 60)], TWO_DIGITS[minutes % 60]]
    return `${this.#beginning}${hour}:${minute}:${TWO_DIGITS[seconds % 60]}.${THREE_DIGITS[left % 1_000]}`
  }
}
