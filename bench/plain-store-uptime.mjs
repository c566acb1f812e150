// The straightforward way: for each store its polls and hours as entities, then a loop over windows, days and polls.
// Arguments: SQLite file, end of the windows in milliseconds, how many stores, `week` for the polls of the last week alone.
import 'reflect-metadata'
import { DataSource, LessThan, MoreThanOrEqual } from 'typeorm'
import { BusinessHours, Store, StoreStatus } from '../dist/entities/index.js'
import { zoneOf } from '../dist/src/pipeline/normalise/zones.js'

const DAY = 86_400_000
const [, , database, until, count, which] = process.argv
const now = Number(until)
const WINDOWS = [3_600_000, DAY, 7 * DAY]

const source = await new DataSource({
  type: 'better-sqlite3',
  database,
  entities: [BusinessHours, Store, StoreStatus],
}).initialize()
const [polls, hours, stores] = [StoreStatus, BusinessHours, Store].map((entity) => source.getRepository(entity))

function clockMs(text) {
  const [hour, minute, second] = text.split(':').map(Number)
  return ((hour * 60 + minute) * 60 + second) * 1000
}

/** Open intervals of a window; the zone's own arithmetic is the library's, to compare the rest. */
function openIntervals(rows, zone, from, to) {
  if (rows.length === 0) return [[from, to]]
  const intervals = []
  for (let day = Math.floor(from / DAY) - 1; day <= Math.floor(to / DAY) + 1; day++) {
    for (const row of rows.filter(({ dayOfWeek }) => dayOfWeek === (day + 3) % 7)) {
      const [start, end] = [clockMs(row.startTimeLocal), clockMs(row.endTimeLocal)]
      const length = end < start || (start === 0 && end === 0) ? end + DAY : end
      const interval = [zone.firstMoment(day * DAY + start), zone.firstMoment(day * DAY + length)]
      if (interval[1] > from && interval[0] < to) {
        intervals.push([Math.max(from, interval[0]), Math.min(to, interval[1])])
      }
    }
  }
  return intervals
}

function upMs(intervals, list, to) {
  let up = 0
  for (const [index, poll] of list.entries()) {
    if (poll.status !== 'active') continue
    // What was before the first poll is taken to have been as it says.
    const start = index === 0 ? 0 : poll.timestamp.getTime()
    const end = list[index + 1]?.timestamp.getTime() ?? to
    for (const [open, close] of intervals) up += Math.max(0, Math.min(end, close) - Math.max(start, open))
  }
  return up
}

const order = { timestamp: 'ASC' }

async function lastWeek(storeId, from) {
  const before = await polls.findOne({ where: { storeId, timestamp: LessThan(from) }, order: { timestamp: 'DESC' } })
  const inside = await polls.find({ where: { storeId, timestamp: MoreThanOrEqual(from) }, order })
  return before === null ? inside : [before, ...inside]
}

const ids = (await source.query('SELECT DISTINCT storeId FROM store_statuses LIMIT ?', [Number(count)])).map(
  ({ storeId }) => storeId,
)
const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
const report = []
for (const storeId of ids) {
  const from = new Date(now - 7 * DAY)
  const list = which === 'week' ? await lastWeek(storeId, from) : await polls.find({ where: { storeId }, order })
  const rows = await hours.findBy({ storeId })
  const zone = zoneOf((await stores.findOneBy({ storeId }))?.timezone ?? 'America/Chicago')
  report.push([
    storeId,
    ...WINDOWS.flatMap((length) => {
      const intervals = openIntervals(rows, zone, now - length, now)
      const business = intervals.reduce((sum, [open, close]) => sum + close - open, 0)
      const up = upMs(intervals, list, now)
      return [up, business - up]
    }),
  ])
}
const { user, system } = process.cpuUsage(cpu)
console.log(
  JSON.stringify({
    stores: ids.length,
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - startedAt,
    upMs: report.reduce((sum, row) => sum + row[5], 0),
  }),
)
await source.destroy()
