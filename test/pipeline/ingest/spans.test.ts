import { ENGINES, type TestEngine } from '../../helpers/engines'
import { keepSpans } from '../../helpers/spans'
import { freshDepot } from './depot'

const [sqlite] = ENGINES as readonly [TestEngine]

test('each chunk of an ingestion is a span, also one that a thread has written', async () => {
  const depot = await freshDepot(sqlite, 'spans')
  const lines = Array.from({ length: 50 }, (_, at) => `k${at},Lamp ${at},1.00\n`)
  const file = await depot.write('a.csv', `code,name,price\n${lines.join('')}`)
  const spans = keepSpans()
  const { id } = await depot.ingest([file], { chunkBytes: 200, threads: 2 })
  const chunks = spans.filter(({ name }) => name === 'ingest chunk')
  const numbers = chunks.map(({ attributes }) => Number(attributes['shardyard.chunk']))
  expect(numbers.length).toBeGreaterThan(3)
  expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index))
  expect(new Set(chunks.map(({ attributes }) => attributes['shardyard.run']))).toEqual(new Set([id]))
  expect(JSON.stringify(spans)).not.toContain('Lamp')
})
