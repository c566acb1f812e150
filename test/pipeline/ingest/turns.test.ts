import { sqliteAnd } from '../../helpers/engines'
import { freshDepot } from './depot'

/** Three spellings of each of 40 items, far apart: the first of each is the one that counts. */
const lines = ['Lamp', 'Lantern', 'Torch'].flatMap((name) =>
  Array.from({ length: 40 }, (_, number) => `{"code":"k${number}","name":"${name} ${number}","price":1}\n`),
)

describe.each(sqliteAnd('mysql'))('chunks of several threads on $name', (engine) => {
  test.each([
    ['at ease', ''],
    ['when attempts fail after their rows were written', 'rows-written=unavailable%20,lines-written=unavailable%20'],
    ['when threads die with rows that are not committed', 'lines-written:3=exit*1,lines-written:9=exit*1'],
  ])('the earlier of two records wins %s', async (_, faults) => {
    const depot = await freshDepot(engine, 'turns')
    const file = await depot.write('items.ndjson', lines.join(''))
    const { counts } = await depot.ingest([file], { chunkBytes: 150, threads: 3, faults })
    expect(counts).toMatchObject({ accepted: 40, rejected: 80, duplicate: 0 })
    const rows = await depot.ask('north', 'SELECT name FROM items')
    expect(rows.map(({ name }) => String(name).split(' ')[0])).toEqual(Array.from({ length: 40 }, () => 'Lamp'))
  })
})
