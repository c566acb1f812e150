import { Cluster, defineCluster, place } from 'shardyard'
import { columnRange } from 'shardyard/src/cluster/read/column-range'
import { rowPages } from 'shardyard/src/cluster/read/row-pages'
import { User } from 'shardyard/entities'
import { ChildEntity, Column, Entity, PrimaryColumn, TableInheritance, type Logger } from 'typeorm'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { openShelf, optionsFor } from '../store'

class Place {
  @Column({ type: 'varchar', length: 20 })
  city!: string
}

@Entity('vehicles')
@TableInheritance({ column: { name: 'kind', type: 'varchar', length: 10 } })
class Vehicle {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @Column(() => Place)
  home!: Place
}

@ChildEntity('car')
class Car extends Vehicle {}

@ChildEntity('van')
class Van extends Car {}

@ChildEntity('boat')
class Boat extends Vehicle {}

describe.each(ENGINES)('an entity that shares its table on $name', (engine) => {
  let cluster: Cluster
  beforeAll(async () => {
    const { url } = await engine.createDatabase('read table')
    const placement = [Vehicle, Car, Van, Boat].map((entity) => place(entity, 'main'))
    cluster = await Cluster.open(defineCluster({ databases: { main: optionsFor(engine, url) }, placement }))
    removeAtEnd(() => cluster.close())
    await (await cluster.connect('main')).synchronize()
    for (const [index, entity] of [Car, Boat, Van, Boat].entries())
      await cluster.repository<Vehicle>(entity).insert({ id: index + 1, home: { city: `city ${index + 1}` } })
  })

  test.each([
    [Vehicle, [1, 2, 3, 4]],
    [Car, [1, 3]],
    [Van, [3]],
    [Boat, [2, 4]],
  ])('is read without the rows of its siblings: %p', async (entity, ids) => {
    const found: number[] = []
    for await (const page of rowPages<Vehicle, 'id'>(cluster, entity, { columns: ['id'] }))
      found.push(...page.map(({ id }) => id))
    expect(found).toEqual(ids)
    expect(await columnRange<Vehicle, 'id'>(cluster, entity, 'id')).toEqual({ min: ids[0], max: ids.at(-1) })
  })

  test('is read with the columns of an embedded class', async () => {
    const reader = rowPages(cluster, Van, { columns: ['home.city' as never] })
    expect((await reader.next()).value).toEqual([{ 'home.city': 'city 3' }])
  })
})

test.each([
  [['email'], 'ORDER BY "email" LIMIT'],
  [['name'], 'ORDER BY "name", "id" LIMIT'],
  [['name', 'email'], 'ORDER BY "name", "email" LIMIT'],
] as const)('a key of %j is ordered by what makes it unique', async (orderBy, order) => {
  const [sqlite] = ENGINES as readonly [TestEngine]
  const statements: string[] = []
  const logger = { logQuery: (sql: string) => void statements.push(sql) } as Logger
  const cluster = await openShelf(sqlite, 'unique key', { logging: true, logger })
  for await (const page of rowPages(cluster, User, { columns: ['id'], orderBy })) expect(page).toEqual([])
  expect(statements.at(-1)).toContain(order)
})
