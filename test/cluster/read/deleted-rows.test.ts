import { Cluster, defineCluster, place } from 'shardyard'
import { changesOf } from 'shardyard/src/cluster/read/changes'
import { keyBounds } from 'shardyard/src/cluster/read/key-bounds'
import { lastRows } from 'shardyard/src/cluster/read/last-rows'
import { Column, DeleteDateColumn, Entity, Index, PrimaryColumn } from 'typeorm'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES } from '../../helpers/engines'
import { optionsFor } from '../store'

@Entity('visits')
@Index(['guest', 'at', 'room'])
class Visit {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @Column({ type: 'varchar', length: 20 })
  guest!: string

  @Column({ type: 'datetime', precision: 3 })
  at!: Date

  @Column({ type: 'varchar', length: 20, nullable: true })
  room!: string | null

  @Column({ type: 'varchar', length: 20 })
  floor!: string

  @DeleteDateColumn({ type: 'datetime', precision: 3, nullable: true })
  deletedAt!: Date | null
}

const at = (hour: number) => new Date(Date.UTC(2025, 0, 1, hour))
const visit = (id: number, guest: string, [room, floor]: readonly [string | null, string], deletedAt?: Date) => ({
  id,
  guest,
  at: at(id),
  room,
  floor,
  deletedAt: deletedAt ?? null,
})

describe.each(ENGINES)('reading along a key on $name', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    const { url } = await engine.createDatabase('deleted rows')
    const databases = { main: optionsFor(engine, url) }
    cluster = await Cluster.open(defineCluster({ databases, placement: [place(Visit, 'main')] }))
    removeAtEnd(() => cluster.close())
    await (await cluster.connect('main')).synchronize()
    await cluster
      .repository(Visit)
      .insert([
        visit(1, 'ada', ['r1', 'f1']),
        visit(2, 'ada', [null, 'f2']),
        visit(3, 'ada', ['r1', 'f1'], at(9)),
        visit(4, 'bob', ['r4', 'f4'], at(9)),
      ])
  })

  const changes = async (value: 'room' | 'floor') => {
    const range = { key: 'guest', keys: ['ada', 'bob', 'ada'], at: 'at', value } as const
    const found: unknown[] = []
    for await (const some of changesOf(cluster, Visit, { ...range, from: 0, to: Date.now() })) found.push(...some)
    return found
  }

  test('leaves out rows that TypeORM takes for deleted', async () => {
    expect(await changes('floor')).toEqual([
      { key: 'ada', at: [at(1).getTime(), at(2).getTime()], values: ['f1', 'f2'] },
    ])
    const options = { columns: ['id'], key: 'guest', keys: ['ada', 'bob'], orderBy: ['at'], upTo: at(9) } as const
    expect(await lastRows(cluster, Visit, options)).toEqual([{ id: 2 }])
    const pages: unknown[] = []
    for await (const page of keyBounds(cluster, Visit, { key: 'guest', of: 'at' })) pages.push(...page)
    expect(pages).toEqual([{ key: 'ada', first: at(1), last: at(2) }])
  })

  test('refuses values that may be null', async () => {
    await expect(changes('room')).rejects.toMatchObject({ code: 'SY_OPTION_INVALID', details: { column: 'room' } })
  })
})
