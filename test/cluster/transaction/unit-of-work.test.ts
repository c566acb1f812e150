import { setTimeout as sleep } from 'node:timers/promises'
import type { Repository } from 'typeorm'
import type { Cluster } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { ENGINES } from '../../helpers/engines'
import { ada, bob, describeOn, lamp, openShelf, openStore, StatementLog } from '../store'

const namesIn = async (cluster: Pick<Cluster, 'repository'>): Promise<string[]> =>
  (await cluster.repository(User).find({ order: { name: 'ASC' } })).map(({ name }) => name)

describe.each(ENGINES)('a unit of work on $name', (engine) => {
  test('stores all that it writes, and answers what its function answers', async () => {
    const cluster = await openStore(engine, 'stores all')
    const answer = await cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx.repository(User).insert({ ...bob })
      return 'done'
    })
    expect(answer).toBe('done')
    expect(await namesIn(cluster)).toEqual(['Ada', 'Bob'])
  })

  test('stores nothing when its function throws, and throws that very error', async () => {
    const cluster = await openStore(engine, 'stores nothing')
    const mine = new RangeError('mine')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      throw mine
    })
    await expect(unit).rejects.toBe(mine)
    expect(await namesIn(cluster)).toEqual([])
  })

  test('may read every database while it writes one', async () => {
    const cluster = await openStore(engine, 'reads all')
    await cluster.repository(Product).insert({ ...lamp })
    const count = await cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      return tx.repository(Product).count()
    })
    expect(count).toBe(1)
    expect(await namesIn(cluster)).toEqual(['Ada'])
  })

  test('that writes a second database is refused', async () => {
    const cluster = await openStore(engine, 'second database')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx.repository(Product).insert({ ...lamp })
    })
    await expect(unit).rejects.toMatchObject({
      code: 'SY_SECOND_DATABASE_WRITTEN',
      details: { written: 'users', refused: 'products' },
    })
    expect(await namesIn(cluster)).toEqual([])
    expect(await cluster.repository(Product).count()).toBe(0)
  })

  test('that writes a second database stores nothing although the error is caught', async () => {
    const cluster = await openStore(engine, 'second caught')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx
        .repository(Product)
        .insert({ ...lamp })
        .catch(() => undefined)
      await tx
        .repository(User)
        .insert({ ...bob })
        .catch(() => undefined)
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_SECOND_DATABASE_WRITTEN' })
    expect(await namesIn(cluster)).toEqual([])
  })

  test('that reads first and then writes ends right, and runs once when it has said what it writes', async () => {
    const cluster = await openStore(engine, 'writes option')
    let runs = 0
    const unit = async (tx: { repository: typeof cluster.repository }) => {
      runs += 1
      const count = await tx.repository(User).count()
      await tx.repository(User).insert({ name: `User ${count}`, email: `${count}@example.com` })
    }
    await cluster.transaction((tx) => unit(tx as never))
    expect(runs).toBe(engine.name === 'sqlite' ? 2 : 1)
    runs = 0
    await cluster.transaction((tx) => unit(tx as never), { writes: ['users'] })
    expect(runs).toBe(1)
    expect(await namesIn(cluster)).toEqual(['User 0', 'User 1'])
  })

  test('that says it writes two databases is refused before it runs', async () => {
    const cluster = await openStore(engine, 'two writes')
    const work = jest.fn()
    await expect(cluster.transaction(work, { writes: ['users', 'orders'] })).rejects.toMatchObject({
      code: 'SY_SECOND_DATABASE_WRITTEN',
    })
    expect(work).not.toHaveBeenCalled()
  })

  test('with a nested transaction that fails keeps what stands around it', async () => {
    const cluster = await openStore(engine, 'nested')
    await cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      const nested = tx.manager('users').transaction(async (manager) => {
        await manager.insert(User, { ...bob })
        throw new Error('undo bob')
      })
      await expect(nested).rejects.toThrow('undo bob')
      await tx
        .manager('users')
        .transaction((manager) => manager.insert(User, { name: 'Eve', email: 'eve@example.com' }))
    })
    expect(await namesIn(cluster)).toEqual(['Ada', 'Eve'])
  })

  test('finds the rows that its own references name before they are committed', async () => {
    const cluster = await openShelf(engine, 'own references')
    await cluster.transaction(async (tx) => {
      const user = await tx.repository(User).save({ ...ada })
      const product = await tx.repository(Product).save({ ...lamp })
      await tx.repository(Order).insert({ userId: user.id, productId: product.id, quantity: 1 })
    })
    expect(await cluster.repository(Order).count()).toBe(1)
  })

  test('refuses what is used after its end', async () => {
    const cluster = await openStore(engine, 'after the end')
    let kept: Repository<User> | undefined
    await cluster.transaction(async (tx) => {
      kept = tx.repository(User)
      await kept.count()
    })
    await expect(kept?.insert({ ...ada })).rejects.toMatchObject({ code: 'SY_UNIT_OF_WORK_ENDED' })
    await expect(kept?.count()).rejects.toMatchObject({ code: 'SY_UNIT_OF_WORK_ENDED' })
    expect(await namesIn(cluster)).toEqual([])
  })

  test('that does not await its statements leaves no connection or transaction behind', async () => {
    const cluster = await openStore(engine, 'not awaited')
    const late: Promise<unknown>[] = []
    for (let index = 0; index < 20; index++) {
      const unit = cluster.transaction(async (tx) => {
        const insert = tx.repository(User).insert({ name: 'Late', email: `${index}@example.com` })
        late.push(insert.catch(() => 'refused'))
        if (index % 2 === 0) await sleep(index / 4)
        throw new Error('mine')
      })
      await expect(unit).rejects.toThrow('mine')
    }
    await Promise.all(late)
    await cluster.repository(User).insert({ ...ada })
    expect(await namesIn(cluster)).toEqual(['Ada'])
  })

  test('whose nested transaction has not ended stores nothing', async () => {
    const cluster = await openStore(engine, 'nested not awaited')
    let nested: Promise<unknown> = Promise.resolve()
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      nested = tx.manager('users').transaction(async (manager) => {
        await manager.insert(User, { ...bob })
        await sleep(100)
      })
      nested.catch(() => undefined)
      await sleep(50)
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    await Promise.allSettled([nested])
    expect(await namesIn(cluster)).toEqual([])
    await cluster.repository(User).insert({ ...bob })
    expect(await namesIn(cluster)).toEqual(['Bob'])
  })

  test.each(['COMMIT', 'commit;', ' ROLLBACK', 'begin'])('refuses to be ended by hand with "%s"', async (sql) => {
    const cluster = await openStore(engine, 'by hand')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx
        .manager('users')
        .query(sql)
        .catch(() => undefined)
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    expect(await namesIn(cluster)).toEqual([])
  })

  test('commits a change of the schema with the rest, or refuses it where that would commit by itself', async () => {
    const cluster = await openStore(engine, 'schema change')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await tx.manager('users').query('CREATE TABLE notes (id integer)')
    })
    const isRefused = engine.name === 'mysql'
    await (isRefused ? expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' }) : unit)
    expect(await namesIn(cluster)).toEqual(isRefused ? [] : ['Ada'])
  })

  test('does not run when its signal has aborted, and is rolled back when it aborts half-way', async () => {
    const cluster = await openStore(engine, 'abort')
    const controller = new AbortController()
    const unit = cluster.transaction(
      async (tx) => {
        await tx.repository(User).insert({ ...ada })
        controller.abort(new Error('enough'))
      },
      { signal: controller.signal },
    )
    await expect(unit).rejects.toThrow('enough')
    const work = jest.fn()
    await expect(cluster.transaction(work, { signal: controller.signal })).rejects.toThrow('enough')
    expect(work).not.toHaveBeenCalled()
    expect(await namesIn(cluster)).toEqual([])
  })

  test('runs its statements at once on one connection', async () => {
    const cluster = await openShelf(engine, 'at once')
    await cluster.transaction((tx) =>
      Promise.all([
        tx.repository(User).insert({ ...ada }),
        tx.repository(User).insert({ ...bob }),
        tx.repository(Product).insert({ ...lamp }),
      ]),
    )
    expect(await namesIn(cluster)).toEqual(['Ada', 'Bob'])
  })

  test('that only reads leaves the database as it was', async () => {
    const log = new StatementLog()
    const cluster = await openStore(engine, 'only reads', { options: log.options })
    expect(await cluster.transaction((tx) => tx.repository(User).count())).toBe(0)
    expect(log.take(/INSERT|UPDATE|DELETE/i).filter((sql) => !sql.includes('CREATE'))).toEqual([])
  })

  test.each([-1, 1.5, Number.NaN])('refuses %p as the number of its retries', async (retriesMax) => {
    const cluster = await openStore(engine, 'retries')
    await expect(cluster.transaction(async () => 1, { retriesMax })).rejects.toMatchObject({
      code: 'SY_OPTION_INVALID',
    })
  })
})

describeOn(['postgres'], 'a unit of work', (engine) => {
  test('stores what a function that it selects from has written', async () => {
    const cluster = await openStore(engine, 'function')
    const users = cluster.database('users')
    await users.query(
      `CREATE FUNCTION add_user() RETURNS int LANGUAGE sql AS
       $$ INSERT INTO users (name, email) VALUES ('Ada', 'ada@example.com') RETURNING 1 $$`,
    )
    await cluster.transaction((tx) => tx.manager('users').query('SELECT add_user()'))
    expect(await namesIn(cluster)).toEqual(['Ada'])
  })
})
