import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, defineCluster, place, type UnitOfWork } from 'shardyard'
import { User } from 'shardyard/entities'
import { removeAtEnd } from '../../helpers/cleanup'
import type { TestEngine } from '../../helpers/engines'
import { Proxy } from '../proxy'
import { ada, bob, describeOn, openShelf, openShelfAt, optionsFor } from '../store'

const usersIn = (cluster: Cluster<'main'>) => cluster.repository(User).count()

/** Has the server end the connection of a unit of work. */
async function killConnection(engine: TestEngine, cluster: Cluster<'main'>, tx: UnitOfWork<'main'>): Promise<void> {
  const [own, kill] =
    engine.name === 'postgres'
      ? ['SELECT pg_backend_pid() AS id', 'SELECT pg_terminate_backend($1)']
      : ['SELECT connection_id() AS id', 'KILL ?']
  const [{ id }] = (await tx.manager('main').query(own)) as [{ id: number }]
  await cluster.database('main').query(kill, [Number(id)])
  await sleep(50)
}

describeOn(['postgres', 'mysql'], 'a connection that is lost in a unit of work', (engine) => {
  test('is an error of the next statement, and nothing is stored', async () => {
    const cluster = await openShelf(engine, 'killed')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await killConnection(engine, cluster, tx)
      await tx.repository(User).insert({ ...bob })
    })
    await expect(unit).rejects.toThrow()
    expect(await usersIn(cluster)).toBe(0)
  })

  test('is never a success, also when every error is caught', async () => {
    const cluster = await openShelf(engine, 'killed and caught')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await killConnection(engine, cluster, tx)
      await tx
        .repository(User)
        .insert({ ...bob })
        .catch(() => undefined)
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    expect(await usersIn(cluster)).toBe(0)
  })

  test('is never a success, also when it is lost after the last statement', async () => {
    const cluster = await openShelf(engine, 'killed last')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await killConnection(engine, cluster, tx)
    })
    await expect(unit).rejects.toMatchObject({ code: expect.stringMatching(/^SY_(ROLLED_BACK|COMMIT_UNKNOWN)$/) })
    expect(await usersIn(cluster)).toBe(0)
  })

  test('holds up neither the next caller nor close()', async () => {
    const cluster = await openShelf(engine, 'killed and closed')
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await killConnection(engine, cluster, tx)
    })
    await expect(unit).rejects.toThrow()
    await cluster.repository(User).insert({ ...bob })
    const startedAt = performance.now()
    await cluster.close()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('before COMMIT arrives is never a success, and nothing is stored', async () => {
    const { cluster, proxy } = await openThroughProxy(engine, 'cut before')
    proxy.cutAt('COMMIT', { isDelivered: false })
    const unit = cluster.transaction((tx) => tx.repository(User).insert({ ...ada }))
    await expect(unit).rejects.toMatchObject({ code: 'SY_COMMIT_UNKNOWN', details: { database: 'main' } })
    expect(await usersIn(cluster)).toBe(0)
  })

  test('before COMMIT is answered is SY_COMMIT_UNKNOWN, for the work may be stored', async () => {
    const { cluster, proxy } = await openThroughProxy(engine, 'cut after')
    proxy.cutAt('COMMIT', { isDelivered: true })
    let runs = 0
    const unit = cluster.transaction(async (tx) => {
      runs += 1
      await tx.repository(User).insert({ ...ada })
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_COMMIT_UNKNOWN' })
    expect(runs).toBe(1)
    await sleep(100)
    expect(await usersIn(cluster)).toBe(1)
  })

  test('is not counted against the pool: thirty in a row leave it as it was', async () => {
    const cluster = await openShelf(engine, 'thirty', { poolSize: 2 })
    for (let index = 0; index < 30; index++) {
      const unit = cluster.transaction(async (tx) => {
        await tx.repository(User).insert({ ...ada })
        await killConnection(engine, cluster, tx)
      })
      await expect(unit).rejects.toThrow()
    }
    await cluster.repository(User).insert({ ...ada })
    expect(await usersIn(cluster)).toBe(1)
  })
})

describeOn(['sqlite'], 'a file that is closed under a unit of work', (engine) => {
  test('is an error, and nothing is stored', async () => {
    const { url } = await engine.createDatabase('closed under')
    const cluster = await openShelfAt(optionsFor(engine, url))
    const unit = cluster.transaction(async (tx) => {
      await tx.repository(User).insert({ ...ada })
      await cluster.database('main').destroy()
      await tx
        .repository(User)
        .insert({ ...bob })
        .catch(() => undefined)
    })
    await expect(unit).rejects.toMatchObject({ code: 'SY_ROLLED_BACK' })
    await cluster.close()
    expect(await usersIn(await openAgain(url))).toBe(0)
  })
})

async function openAgain(main: string): Promise<Cluster<'main'>> {
  const cluster = await Cluster.open(defineCluster({ databases: { main }, placement: [place(User, 'main')] }))
  removeAtEnd(() => cluster.close())
  return cluster
}

async function openThroughProxy(engine: TestEngine, label: string) {
  const { url } = await engine.createDatabase(label)
  const proxy = await Proxy.open(url)
  const cluster = await openShelfAt(optionsFor(engine, proxy.url))
  return { cluster, proxy }
}
