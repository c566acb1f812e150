import { IsInt, Length, Max } from 'class-validator'
import { Cluster, defineCluster, place } from 'shardyard'
import { dataQuality } from 'shardyard/config/reports/data-quality'
import { Column, Entity, EntitySchema, PrimaryColumn } from 'typeorm'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { collectReport } from '../../pipeline/reports/collect-model'
import { openShipped } from '../../pipeline/reports/shipped'

/** Its rules are in the class alone, so that rows may break them. */
@Entity('boxes')
class Box {
  @PrimaryColumn({ type: 'varchar', length: 10 })
  code!: string

  @Length(3, 20)
  @Column({ type: 'varchar', length: 100, nullable: true })
  label!: string | null

  @IsInt()
  @Max(100)
  @Column({ type: 'integer' })
  weight!: number

  @Column({ type: 'decimal', precision: 12, scale: 2 })
  price!: string

  @Column({ type: 'datetime', precision: 3, nullable: true })
  packedAt!: Date | null

  @Length(8, 50)
  @Column({ type: 'varchar', length: 50, select: false })
  secret!: string

  @Column({ type: 'boolean', default: false })
  isOpen!: boolean

  @Column({ type: 'simple-json', nullable: true })
  notes!: object | null
}

/** Without a class there are no rules. */
const TagSchema = new EntitySchema<{ id: number; name: string }>({
  name: 'Tag',
  tableName: 'tags',
  columns: { id: { type: 'integer', primary: true }, name: { type: 'varchar', length: 20 } },
})

const packedAt = new Date('2026-02-01T10:00:00.250Z')
const box = (code: string, rest: object) => ({
  code,
  price: '1.00',
  secret: 'long enough',
  isOpen: true,
  notes: null,
  ...rest,
})
const BOXES = [
  box('a', { label: 'Lamp', weight: 5, packedAt }),
  box('b', { label: 'lamp', weight: 500, packedAt: null, price: '-0.05', notes: { a: 1 } }),
  box('c', { label: null, weight: 101, packedAt: null, price: '9999999999.99' }),
  box('d', { label: 'Ö1\u0007', weight: 7, packedAt: null, secret: 'hidden' }),
  box('e', { label: 'X', weight: 8, packedAt: null }),
]

async function openStock(engine: TestEngine): Promise<Cluster> {
  const { url } = await engine.createDatabase('data quality')
  const placement = [place(Box, 'main'), place(TagSchema, 'main')]
  const cluster = await Cluster.open(defineCluster({ databases: { main: url }, placement }))
  removeAtEnd(() => cluster.close())
  await (await cluster.connect('main')).synchronize()
  await cluster.load(Box, BOXES)
  await cluster.load(TagSchema, [{ id: 1, name: 'new' }])
  return cluster
}

describe.each(ENGINES)('the report of data quality on $name', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openStock(engine)
  })

  test('tells what each column holds', async () => {
    const { tables } = await collectReport(cluster, dataQuality, { entity: 'Box' })
    const { min: _min, ...none } = { min: null, max: null, shortest: null, longest: null }
    const column = (name: string, type: string, rest: object) => ({
      entity: 'Box',
      column: name,
      type,
      rows: 5,
      filled: 5,
      filled_share: 1,
      min: null,
      ...none,
      ...rest,
    })
    expect(tables['columns']).toEqual([
      column('code', 'text', { distinct: 5, shortest: 1, longest: 1 }),
      column('label', 'text', { filled: 4, filled_share: 0.8, distinct: 4, shortest: 1, longest: 4 }),
      column('weight', 'whole', { distinct: 5, min: '5', max: '500' }),
      column('price', 'decimal', { distinct: 3, min: '-0.05', max: '9999999999.99' }),
      column('packedAt', 'instant', {
        filled: 1,
        filled_share: 0.2,
        distinct: 1,
        min: '2026-02-01 10:00:00.250Z',
        max: '2026-02-01 10:00:00.250Z',
      }),
      column('secret', 'text', { distinct: 2, shortest: 6, longest: 11 }),
      column('isOpen', 'other', { distinct: 1 }),
      column('notes', 'other', { filled: 1, filled_share: 0.2, distinct: null }),
    ])
  })

  test('counts the rows that break each rule', async () => {
    const { tables, figures, model } = await collectReport(cluster, dataQuality)
    expect(tables['rules']?.map((row) => [row['column'], row['rule'], row['count'], row['share']])).toEqual([
      ['label', 'IS_LENGTH', 2, 0.4],
      ['weight', 'MAX', 2, 0.4],
      ['secret', 'IS_LENGTH', 1, 0.2],
    ])
    expect(figures).toEqual({ entities: 2, rows: 6, checked: 6, unsound: 4, 'unsound-share': 4 / 6 })
    expect(model.asOf).toEqual(packedAt)
  })

  test('names rows that break rules by their key, with the shape of the value alone', async () => {
    const { tables } = await collectReport(cluster, dataQuality, { samples: 2 })
    const samples = tables['samples']?.map((row) => [row['key'], row['column'], row['value']])
    expect(samples).toEqual([
      ['c', 'label', ''],
      ['e', 'label', 'A'],
      ['b', 'weight', '999'],
      ['c', 'weight', '999'],
      ['d', 'secret', ''],
    ])
  })

  test('shows values when it is told to, but none that the class hides', async () => {
    const { tables } = await collectReport(cluster, dataQuality, { values: true, samples: 1 })
    expect(tables['samples']?.map((row) => row['value'])).toEqual(['', '500', ''])
    expect(JSON.stringify(tables)).not.toContain('hidden')
  })

  test('checks as many rows as it is told to, and says so', async () => {
    const { figures, texts } = await collectReport(cluster, dataQuality, { entity: 'Box', rows: 2 })
    expect([figures['rows'], figures['checked'], figures['unsound']]).toEqual([5, 2, 1])
    expect(texts[0]).toContain('the first 2 rows')
  })

  test('refuses an entity that is not placed', async () => {
    await expect(collectReport(cluster, dataQuality, { entity: 'Bux' })).rejects.toMatchObject({
      code: 'SY_ENTITY_UNKNOWN',
    })
  })

  test('goes over every shipped entity, also over empty databases', async () => {
    const { texts, tables, figures } = await collectReport(
      await openShipped(engine, 'no data', ['orders', 'events']),
      dataQuality,
    )
    expect(texts).toEqual(['There are no rows.'])
    expect(figures['entities']).toBe(tables['entities']?.length)
    expect(tables['columns']?.every((row) => row['rows'] === 0 && row['distinct'] === 0)).toBe(true)
  })
})
