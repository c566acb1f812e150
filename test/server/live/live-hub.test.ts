import { LiveHub } from 'shardyard/src/server/live/live-hub'

function hubWith(events: number): LiveHub {
  const hub = new LiveHub()
  for (let number = 1; number <= events; number++) hub.publish('tick', { number })
  return hub
}

const numbers = (hub: LiveHub, id: string) => hub.since(id)?.map(({ data }) => (data as { number: number }).number)

test('whoever was away is told what came after the last event that they have', () => {
  const hub = hubWith(5)
  expect(numbers(hub, `${hub.life}-3`)).toEqual([4, 5])
  expect(numbers(hub, hub.lastId)).toEqual([])
})

test.each([
  ['of another life of the server', () => '00000000-3'],
  ['that was never given', (hub: LiveHub) => `${hub.life}-6`],
  ['that is none', () => '3; drop table'],
])('an id %s is no place to go on from', (_what, idOf) => {
  const hub = hubWith(5)
  expect(hub.since(idOf(hub))).toBeUndefined()
})

test('events that are not kept any more cannot be caught up with', () => {
  const hub = hubWith(1_100)
  expect(numbers(hub, `${hub.life}-100`)?.length).toBe(1_000)
  expect(hub.since(`${hub.life}-99`)).toBeUndefined()
})

test('large events are kept for as long as they fit', () => {
  const hub = new LiveHub()
  for (let count = 0; count < 20; count++) hub.publish('large', 'x'.repeat(100_000))
  expect(hub.since(`${hub.life}-15`)?.length).toBe(5)
  expect(hub.since(`${hub.life}-14`)).toBeUndefined()
})

test('what was told before a time when nobody looked is no ground to go on from', () => {
  const hub = hubWith(5)
  const { lastId } = hub
  hub.forget()
  hub.publish('tick', { number: 6 })
  expect(hub.since(lastId)).toBeUndefined()
  expect(numbers(hub, `${hub.life}-6`)).toEqual([6])
})
