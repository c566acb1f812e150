/** Values that the samples of several entities need. */
import type { SamplePlace } from '../../cluster/entity-samples.js'

const START_MS = Date.UTC(2020, 0, 1)
/** Records of a file follow each other at this distance; so the last of a billion is of 2023. */
const STEP_MS = 100
const DAY_MS = 86_400_000

/** Day that was written last: `toISOString` takes longer than all the rest of a record. */
let dayNow = -1
let dayText = ''

/** A moment that no other record of the file has, later than those of all records before: `2020-01-01T00:00:00.042Z`. */
export function momentAt({ index, draw }: SamplePlace, salt: number): string {
  const ms = index * STEP_MS + (draw(salt) % STEP_MS)
  const day = Math.floor(ms / DAY_MS)
  if (day !== dayNow) {
    dayNow = day
    dayText = new Date(START_MS + day * DAY_MS).toISOString().slice(0, 11)
  }
  const rest = ms % DAY_MS
  const [hour, minute] = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60]
  const [second, fraction] = [Math.floor(rest / 1_000) % 60, rest % 1_000]
  return `${dayText}${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(fraction, 3)}Z`
}

/** `123456` → `1234.56` */
export function amountOf(cents: number): string {
  return `${Math.floor(cents / 100)}.${pad(cents % 100, 2)}`
}

function pad(value: number, width: 2 | 3): string {
  if (width === 3 && value < 100) return value < 10 ? `00${value}` : `0${value}`
  return value < 10 ? `0${value}` : `${value}`
}
