import { Cluster, defineCluster, place, type Router } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { ENGINES } from '../helpers/engines'
import { removeAtEnd } from '../helpers/cleanup'
import { RouterChain } from 'shardyard/src/cluster/router'
import { ada, disposable, openShelfAt } from './store'

const placement = [place(User, 'north'), place(Product, 'south')]
const chain = (...routers: Router[]) => new RouterChain(routers, placement, ['north', 'south'])

describe('the router chain', () => {
  test('ends at the placement table', () => {
    expect(chain().routeForRead(User)).toEqual({ kind: 'one', database: 'north', decidedBy: 'placement table' })
    expect(chain().routeForWrite(Product)).toEqual({ kind: 'one', database: 'south', decidedBy: 'placement table' })
  })

  test('asks each router in order until one has an opinion', () => {
    const asked: string[] = []
    const router = (name: string, answer: string | undefined): Router => ({
      databaseForRead: () => {
        asked.push(name)
        return answer
      },
    })
    const route = chain(router('first', undefined), router('second', 'south'), router('third', 'north')).routeForRead(
      User,
    )
    expect(route).toEqual({ kind: 'one', database: 'south', decidedBy: 'router 2' })
    expect(asked).toEqual(['first', 'second'])
  })

  test('asks reads and writes apart, with the row that is known', () => {
    const databaseForRead = jest.fn(() => 'south')
    const router = { databaseForRead }
    const row = { name: 'Ada' }
    expect(chain(router).routeForRead(User, { row }).database).toBe('south')
    expect(chain(router).routeForWrite(User, { row }).database).toBe('north')
    expect(databaseForRead).toHaveBeenCalledTimes(1)
    expect(databaseForRead).toHaveBeenCalledWith(User, { row })
  })

  test('names a router by its class', () => {
    class ByRegion implements Router {
      databaseForWrite() {
        return 'south'
      }
    }
    expect(chain(new ByRegion()).routeForWrite(User).decidedBy).toBe('router ByRegion')
  })

  test('asks whether a relation is allowed, which it is unless a router says no', () => {
    const router: Router = { allowRelation: (from, to) => (from === Product && to === User ? false : undefined) }
    expect(chain().allowRelation(Product, User)).toBe(true)
    expect(chain(router).allowRelation(Product, User)).toBe(false)
    expect(chain(router).allowRelation(User, Product)).toBe(true)
    expect(chain({ allowRelation: () => true }, router).allowRelation(Product, User)).toBe(true)
  })

  test('asks which databases have a table, by default only the home of the entity', () => {
    const router: Router = { allowMigrate: (database, entity) => (entity === User ? database === 'south' : undefined) }
    expect(chain().allowMigrate('north', User)).toBe(true)
    expect(chain().allowMigrate('south', User)).toBe(false)
    expect(chain(router).allowMigrate('north', User)).toBe(false)
    expect(chain(router).allowMigrate('south', User)).toBe(true)
    expect(chain(router).allowMigrate('south', Product)).toBe(true)
  })

  test('refuses an entity that is not placed, and a database that nobody defined', () => {
    expect(() => chain().routeForRead(Order)).toThrow(
      expect.objectContaining({ code: 'SY_ENTITY_UNKNOWN', message: expect.stringContaining('place(Order, ') }),
    )
    expect(() => chain({ databaseForRead: () => 'east' }).routeForRead(User)).toThrow(
      expect.objectContaining({
        code: 'SY_DATABASE_UNKNOWN',
        message: expect.stringMatching(/"east".*router 1.*north, south/),
      }),
    )
  })
})

describe('a cluster', () => {
  const databases = { north: 'sqlite:north.db', south: 'sqlite:south.db' }

  test('refuses a database that its definition does not name', async () => {
    await using cluster = await Cluster.open(defineCluster({ databases, placement }))
    expect(() => cluster.database('nrth' as 'north')).toThrow(
      expect.objectContaining({ code: 'SY_DATABASE_UNKNOWN', details: { name: 'nrth', known: ['north', 'south'] } }),
    )
    await expect(cluster.connect('__proto__' as 'north')).rejects.toMatchObject({ code: 'SY_DATABASE_UNKNOWN' })
    expect(() => cluster.repository(Order)).toThrow(expect.objectContaining({ code: 'SY_ENTITY_UNKNOWN' }))
    expect(() => cluster.explain(Order)).toThrow(expect.objectContaining({ code: 'SY_ENTITY_UNKNOWN' }))
  })

  test('explains where a read goes, why, and the SQL, and opens nothing for that', async () => {
    const routers: Router[] = [
      {
        databaseForRead: (entity, { row }) => (entity === User && (row as User)?.name === 'Ada' ? 'south' : undefined),
        allowMigrate: () => true,
      },
    ]
    await using cluster = await Cluster.open(defineCluster({ databases, placement, routers }))
    expect(cluster.explain(User, { name: 'Ada' })).toMatchObject({
      entity: 'User',
      databases: ['south'],
      why: 'User lives in "south", says the router 1.',
      sql: { south: expect.stringMatching(/SELECT .* FROM "users" .* WHERE .*"name" = \?/s) },
      parameters: ['Ada'],
    })
    expect(cluster.explain(User, [{ name: 'Bob' }, { id: 1 }])).toMatchObject({
      databases: ['north'],
      why: 'User lives in "north", says the placement table.',
    })
    expect(cluster.explain(User, { email: ' ADA@Example.com' }).parameters).toEqual(['ada@example.com'])
    expect(cluster.member('south').exists).toBe(false)
  })
})

describe.each(ENGINES)('a router on $name', (engine) => {
  test('may send the rows of a placed entity elsewhere, to read and to write', async () => {
    const [north, south] = [await engine.createDatabase('north'), await engine.createDatabase('south')]
    await openShelfAt(north.url)
    await openShelfAt(south.url)
    const routers: Router[] = [
      {
        databaseForWrite: (entity, { row }) => (entity === User && row !== undefined ? 'south' : undefined),
        databaseForRead: (entity) => (entity === User ? 'south' : undefined),
        allowMigrate: (_, entity) => (entity === User ? true : undefined),
      },
    ]
    const cluster = await Cluster.open(
      defineCluster({ databases: { north: north.url, south: south.url }, placement: [place(User, 'north')], routers }),
    )
    removeAtEnd(() => cluster.close())
    await cluster.repository(User, { row: ada }).insert({ ...ada })
    expect(await cluster.repository(User, { access: 'read' }).count()).toBe(1)
    expect(await cluster.repository(User, { access: 'write' }).count()).toBe(0)
    await using runner = disposable(cluster.database('south').createQueryRunner())
    expect(await runner.query('SELECT name FROM users')).toEqual([{ name: 'Ada' }])
  })

  test('may send references elsewhere, where they are then looked up', async () => {
    const [north, south] = [await engine.createDatabase('rows'), await engine.createDatabase('copies')]
    await openShelfAt(north.url)
    await openShelfAt(south.url)
    const routers: Router[] = [
      {
        databaseForRead: (entity) => (entity === User ? 'south' : undefined),
        allowMigrate: (_, entity) => entity === User || undefined,
      },
    ]
    const cluster = await Cluster.open(
      defineCluster({
        databases: { north: north.url, south: south.url },
        placement: [place(User, 'north'), place(Product, 'north'), place(Order, 'north')],
        routers,
      }),
    )
    removeAtEnd(() => cluster.close())
    await cluster.repository(User).save({ ...ada })
    const product = await cluster.repository(Product).save({ name: 'Lamp', price: '1' })
    const insert = () => cluster.repository(Order).insert({ userId: 1, productId: product.id, quantity: 1 })
    await expect(insert()).rejects.toThrow('Order: User 1 does not exist')
    await cluster
      .database('south')
      .getRepository(User)
      .insert({ ...ada })
    await insert()
  })
})
