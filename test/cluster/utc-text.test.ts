import { DateUtils } from 'typeorm/util/DateUtils.js'
import { UtcText } from 'shardyard/src/cluster/load/utc-text'

const write = (moment: Date) => DateUtils.mixedDateToUtcDatetimeString(moment) as string
const DAY_MS = 86_400_000

test('texts are those of TypeORM, on the same day and from day to day, also before 1970', () => {
  const text = new UtcText(write)
  for (const first of [0, -1, -DAY_MS, 951_782_400_000, -62_135_596_800_000, 253_402_214_400_000]) {
    for (let ms = first; ms < first + DAY_MS; ms += 3_599_123) {
      expect(text.of(new Date(ms))).toBe(write(new Date(ms)))
      expect(text.of(new Date(ms + 1))).toBe(write(new Date(ms + 1)))
    }
  }
})

test('what is no moment is written as before', () => {
  const text = new UtcText(write)
  for (let time = 0; time < 2; time++) expect(text.of(new Date(Number.NaN))).toBe(write(new Date(Number.NaN)))
})
