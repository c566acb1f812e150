import { Product } from 'shardyard/entities'
import { LookUp } from 'shardyard/src/pipeline/reports/join/look-up'
import { openShelf } from '../../../cluster/store'
import { ENGINES, type TestEngine } from '../../../helpers/engines'

async function shelfOf(engine: TestEngine, count: number) {
  const statements: string[] = []
  const logger = { logQuery: (sql: string) => void statements.push(sql) }
  const cluster = await openShelf(engine, 'look up', { logging: true, logger })
  const products = Array.from({ length: count }, (_, index) => ({ name: `Thing ${index + 1}`, price: `${index}.50` }))
  await cluster.load(Product, products)
  statements.length = 0
  return { cluster, selects: () => statements.filter((sql) => sql.startsWith('SELECT')).length }
}

describe.each(ENGINES)('rows looked up on $name', (engine) => {
  test('are those of the keys, and a key without a row is left out', async () => {
    const { cluster } = await shelfOf(engine, 3)
    const found = await new LookUp(cluster, Product, { columns: ['price'] }).of([3, 1, 99, 1])
    expect([...found].toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
      [1, { id: 1, price: '0.50' }],
      [3, { id: 3, price: '2.50' }],
    ])
  })

  test('are read a thousand in a statement, and once while they are remembered', async () => {
    const { cluster, selects } = await shelfOf(engine, 1)
    const products = new LookUp(cluster, Product, { columns: ['price'] })
    const keys = Array.from({ length: 2_500 }, (_, index) => index + 1)
    await products.of(keys)
    expect(selects()).toBe(3)
    expect((await products.of(keys)).size).toBe(1)
    expect(selects()).toBe(3)
  })

  test('forgets those that were not asked for the longest, and answers them all the same', async () => {
    const { cluster, selects } = await shelfOf(engine, 5)
    const products = new LookUp(cluster, Product, { columns: ['name'], keptMax: 2 })
    // Of 4 and 5, which are remembered last, 4 is asked for again: 5 makes room for 3.
    for (const keys of [[1, 2, 3, 4, 5], [4], [3], [4]]) expect((await products.of(keys)).size).toBe(keys.length)
    expect(selects()).toBe(2)
    expect((await products.of([5])).size).toBe(1)
    expect(selects()).toBe(3)
  })

  test('are found by numbers and by their texts', async () => {
    const { cluster } = await shelfOf(engine, 2)
    const found = await new LookUp(cluster, Product, { columns: ['name'] }).of([2, '2', '1'])
    expect([...found].map(([key, { name }]) => [key, name])).toEqual([
      [2, 'Thing 2'],
      ['2', 'Thing 2'],
      ['1', 'Thing 1'],
    ])
  })

  test('may be looked for by another column, compared byte by byte', async () => {
    const { cluster } = await shelfOf(engine, 2)
    const products = new LookUp(cluster, Product, { columns: ['id'], by: 'name' })
    const found = await products.of(['Thing 2', 'THING 1'])
    expect([...found]).toEqual([['Thing 2', { id: 2, name: 'Thing 2' }]])
  })
})
