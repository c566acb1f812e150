import { zoneOf } from 'shardyard/src/pipeline/normalise/zones'

const clock = (text: string) => Date.parse(`${text}Z`)
const momentOf = (zone: string, text: string) => {
  const moment = zoneOf(zone).toMoment(clock(text))
  return typeof moment === 'number' ? new Date(moment).toISOString() : moment
}

describe('a clock time of a zone', () => {
  test.each([
    ['UTC', '2024-01-01T00:00:00', '2024-01-01T00:00:00.000Z'],
    ['America/New_York', '2024-03-10T01:59:59.999', '2024-03-10T06:59:59.999Z'],
    ['America/New_York', '2024-03-10T02:00:00', 'gap'],
    ['America/New_York', '2024-03-10T02:59:59.999', 'gap'],
    ['America/New_York', '2024-03-10T03:00:00', '2024-03-10T07:00:00.000Z'],
    ['America/New_York', '2024-11-03T00:59:59.999', '2024-11-03T04:59:59.999Z'],
    ['America/New_York', '2024-11-03T01:00:00', 'overlap'],
    ['America/New_York', '2024-11-03T01:59:59.999', 'overlap'],
    ['America/New_York', '2024-11-03T02:00:00', '2024-11-03T07:00:00.000Z'],
    ['Australia/Lord_Howe', '2024-10-06T02:15:00', 'gap'],
    ['Australia/Lord_Howe', '2024-10-06T02:30:00', '2024-10-05T15:30:00.000Z'],
    ['Australia/Lord_Howe', '2024-04-07T01:45:00', 'overlap'],
    ['Australia/Lord_Howe', '2024-04-07T01:29:59', '2024-04-06T14:29:59.000Z'],
    ['Pacific/Apia', '2011-12-30T12:00:00', 'gap'],
    ['Pacific/Apia', '2011-12-31T00:00:00', '2011-12-30T10:00:00.000Z'],
    ['Africa/Casablanca', '2024-03-10T02:30:00', 'overlap'],
    ['Africa/Casablanca', '2024-04-14T02:30:00', 'gap'],
    ['Europe/Istanbul', '2024-07-01T12:00:00', '2024-07-01T09:00:00.000Z'],
    ['Asia/Kolkata', '2024-01-01T00:00:00', '2023-12-31T18:30:00.000Z'],
    ['America/New_York', '1883-11-18T12:30:00', '1883-11-18T17:30:00.000Z'],
    ['America/New_York', '1850-01-01T00:00:00', '1850-01-01T04:56:02.000Z'],
    ['Asia/Tokyo', '9999-12-31T23:59:59', '9999-12-31T14:59:59.000Z'],
  ])('in %s at %s is %s', (zone, text, expected) => {
    expect(momentOf(zone, text)).toBe(expected)
  })

  test.each([
    ['UTC', '2024-01-01T00:00:00', '2024-01-01T00:00:00.000Z'],
    ['America/New_York', '2024-07-01T12:00:00', '2024-07-01T16:00:00.000Z'],
    ['America/New_York', '2024-03-10T01:59:59.999', '2024-03-10T06:59:59.999Z'],
    ['America/New_York', '2024-03-10T02:00:00', '2024-03-10T07:00:00.000Z'],
    ['America/New_York', '2024-03-10T02:59:59.999', '2024-03-10T07:00:00.000Z'],
    ['America/New_York', '2024-03-10T03:00:00', '2024-03-10T07:00:00.000Z'],
    ['America/New_York', '2024-11-03T01:30:00', '2024-11-03T05:30:00.000Z'],
    ['America/New_York', '2024-11-03T02:00:00', '2024-11-03T07:00:00.000Z'],
    ['Australia/Lord_Howe', '2024-10-06T02:15:00', '2024-10-05T15:30:00.000Z'],
    ['Australia/Lord_Howe', '2024-04-07T01:45:00', '2024-04-06T14:45:00.000Z'],
    ['Pacific/Apia', '2011-12-30T12:00:00', '2011-12-30T10:00:00.000Z'],
    ['Africa/Casablanca', '2024-04-14T02:30:00', '2024-04-14T02:00:00.000Z'],
  ])('in %s at %s is first, or jumped over, at %s', (zone, text, expected) => {
    expect(new Date(zoneOf(zone).firstMoment(clock(text))).toISOString()).toBe(expected)
  })

  test.each(['America/Chicago', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC'])(
    'in %s is never earlier than an earlier one, and is what the clock shows then unless it is skipped',
    (name) => {
      const zone = zoneOf(name)
      const wrong: string[] = []
      let before = Number.NEGATIVE_INFINITY
      for (let clockMs = clock('2024-01-01T00:00:00'); clockMs < clock('2025-01-01T00:00:00'); clockMs += 17 * 60_000) {
        const moment = zone.firstMoment(clockMs)
        const isShown = zone.toMoment(clockMs) === 'gap' || zone.toClock(moment) === clockMs
        if (moment < before || !isShown) wrong.push(new Date(clockMs).toISOString())
        before = moment
      }
      expect(wrong).toEqual([])
    },
  )

  test.each(['America/New_York', 'Australia/Lord_Howe', 'Europe/Dublin', 'Pacific/Chatham', 'Africa/Casablanca'])(
    'in %s agrees with the clock of Node, every 47 minutes of a year',
    (name) => {
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' })
      const zone = zoneOf(name)
      const counts = { exact: 0, overlap: 0 }
      const end = Date.UTC(2025, 0, 1)
      for (let moment = Date.UTC(2024, 0, 1); moment < end; moment += 47 * 60_000) {
        const back = zone.toMoment(clock(format.format(moment).replace(' ', 'T')))
        if (back === 'overlap') counts.overlap++
        else if (back === moment) counts.exact++
        else throw new Error(`${new Date(moment).toISOString()} came back as ${back}`)
      }
      // One hour or less is shown twice.
      expect(counts.overlap).toBeGreaterThan(0)
      expect(counts.overlap).toBeLessThan(6)
    },
  )
})

test('zones that do not exist are refused', () => {
  for (const name of ['', 'Mars/Olympus', 'Europe']) {
    expect(() => zoneOf(name)).toThrow(expect.objectContaining({ code: 'SY_OPTION_INVALID' }))
  }
})
