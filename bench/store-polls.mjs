// Stores with hours, zones and polls that come from a seed: the same every time.
const ZONES = ['America/Chicago', 'America/New_York', 'America/Denver', 'America/Los_Angeles', 'America/Phoenix']
const HOUR_MS = 3_600_000

/** Numbers from 0 up to 1. */
export function draws(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Ids that look like those of the real data. */
export function storeIds(count, seed = 1) {
  const draw = draws(seed)
  const hex = (length) => Array.from({ length }, () => Math.floor(draw() * 16).toString(16)).join('')
  return Array.from({ length: count }, () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`)
}

export function* zonesOf(ids) {
  for (const [index, storeId] of ids.entries()) {
    if (index % 100 !== 99) yield { storeId, timezone: ZONES[index % ZONES.length] }
  }
}

/** Seven days each, some of them in two shifts; a fiftieth of the stores have none. */
export function* hoursOf(ids) {
  for (const [index, storeId] of ids.entries()) {
    if (index % 50 === 49) continue
    for (let dayOfWeek = 0; dayOfWeek < 7; dayOfWeek++) {
      const shifts =
        (index + dayOfWeek) % 7 === 0
          ? [
              ['10:00:00', '14:30:00'],
              ['17:00:00', '23:00:00'],
            ]
          : [['10:30:00', '22:00:00']]
      for (const [startTimeLocal, endTimeLocal] of shifts) yield { storeId, dayOfWeek, startTimeLocal, endTimeLocal }
    }
  }
}

/** About one an hour up to `until`, and as many as asked; a store changes between active and inactive now and then. */
export function* pollsOf(ids, { perStore, until, seed = 2 }) {
  for (const [index, storeId] of ids.entries()) {
    const draw = draws(seed + index)
    let isActive = draw() < 0.8
    for (let hour = perStore - 1; hour >= 0; hour--) {
      if (draw() < 0.1) isActive = !isActive
      const timestamp = new Date(until - hour * HOUR_MS - Math.floor(draw() * HOUR_MS))
      yield { storeId, timestamp, status: isActive ? 'active' : 'inactive' }
    }
  }
}
