import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, defineCluster, place } from 'shardyard'
import { User } from 'shardyard/entities'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES } from '../helpers/engines'
import { failureOf, holdAddress, inTime, never, openPair, userAt, usersOf } from './loading'
import { Proxy } from './proxy'
import { ada, describeOn, openShelf, openShelfAt, openStore, optionsFor } from './store'

/** So many that a load which nobody can stop would fail its test by the time it takes, not hang it. */
function* plenty(): Generator<{ name: string; email: string }> {
  for (let index = 0; index < 2_000_000; index++) yield userAt(index)
}

describe.each(ENGINES)('the end of a load on $name', (engine) => {
  test('comes with the signal, between two batches, and stores nothing', async () => {
    const cluster = await openStore(engine, 'abort')
    const abort = new AbortController()
    const onProgress = ({ rows }: { rows: number }) => void (rows >= 30 && abort.abort())
    const error = await failureOf(cluster.load(User, plenty(), { batchRows: 10, signal: abort.signal, onProgress }))
    expect(error).toMatchObject({ code: 'SY_INTERRUPTED', details: { committed: { users: 0 } } })
    expect(error.message).toBe('The load was interrupted. Nothing of the load is stored.')
    expect(await cluster.repository(User).count()).toBe(0)
  })

  test('lets timers run, so that one can abort the load of an array or a generator', async () => {
    const cluster = await openStore(engine, 'abort timer')
    const error = await failureOf(cluster.load(User, plenty(), { batchRows: 100, signal: AbortSignal.timeout(100) }))
    expect(error.code).toBe('SY_INTERRUPTED')
    expect(await cluster.repository(User).count()).toBe(0)
  })

  test('does not wait for a source that hangs', async () => {
    const cluster = await openStore(engine, 'abort source')
    async function* source() {
      yield* usersOf(15)
      await never()
    }
    const startedAt = performance.now()
    const signal = AbortSignal.timeout(100)
    const error = await failureOf(cluster.load(User, source(), { batchRows: 10, signal }))
    expect(error.code).toBe('SY_INTERRUPTED')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    // Another writer is not held up by what was left.
    await cluster.repository(User).insert({ ...ada })
    expect(await cluster.repository(User).count()).toBe(1)
  })

  test('does not wait long for a lock', async () => {
    const cluster = await openShelf(engine, 'abort lock')
    const release = await holdAddress(cluster, userAt(5).email)
    const startedAt = performance.now()
    const error = await failureOf(cluster.load(User, usersOf(10), { signal: AbortSignal.timeout(100) }))
    expect(error).toMatchObject({ code: 'SY_INTERRUPTED', details: { committed: { main: 0 } } })
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    await release()
    expect(await cluster.repository(User).count()).toBe(0)
  })

  test('comes before its begin when the signal has aborted already', async () => {
    const cluster = await openStore(engine, 'abort first')
    const options = { signal: AbortSignal.abort() }
    await expect(cluster.load(User, usersOf(3), options)).rejects.toMatchObject({ code: 'SY_INTERRUPTED' })
    await expect(cluster.load(User, inTime(usersOf(3)), options)).rejects.toMatchObject({ code: 'SY_INTERRUPTED' })
    expect(await cluster.repository(User).count()).toBe(0)
  })

  test('is waited for by close', async () => {
    const { url } = await engine.createDatabase('close waits')
    const cluster = await openShelfAt(optionsFor(engine, url))
    async function* source() {
      for (const user of usersOf(20)) {
        await sleep(10)
        yield user
      }
    }
    const load = cluster.load(User, source(), { batchRows: 5 })
    await sleep(50)
    await cluster.close()
    expect(await load).toMatchObject({ written: 20 })
  })

  test('is brought about by a close whose limit is over', async () => {
    const { url } = await engine.createDatabase('close ends')
    const cluster = await openShelfAt(optionsFor(engine, url))
    async function* source() {
      yield* usersOf(15)
      await never()
    }
    const load = failureOf(cluster.load(User, source(), { batchRows: 10 }))
    await sleep(50)
    const startedAt = performance.now()
    await cluster.close(200)
    const error = await load
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(error).toMatchObject({ code: 'SY_CLUSTER_CLOSED', details: { committed: { main: 0 } } })
    const definition = defineCluster({
      databases: { main: optionsFor(engine, url) },
      placement: cluster.definition.placement,
    })
    await using reopened = await Cluster.open(definition)
    expect(await reopened.repository(User).count()).toBe(0)
  })
})

describeOn(['postgres', 'mysql'], 'a load into databases of which one goes down', (engine) => {
  const rows = usersOf(100).map((user, index) => (index < 60 ? user : { ...user, email: `${user.email}.south` }))

  test('fails, names the database, and stores nothing in the others', async () => {
    const proxy = await Proxy.open((await engine.createDatabase('south')).url)
    const cluster = await openPair(engine, proxy.url)
    await proxy.goDown()
    const error = await failureOf(cluster.load(User, rows, { batchRows: 10 }))
    expect(error).toMatchObject({
      code: 'SY_DATABASE_DOWN',
      details: { database: 'south', committed: { north: 0, south: 0 } },
    })
    expect(error.message).toMatch(/^Database "south" \(.+\) failed during the load: .*Nothing of the load is stored\.$/)
    expect(await cluster.database('north').getRepository(User).count()).toBe(0)
    await proxy.goUp()
    expect(await cluster.load(User, rows, { batchRows: 10 })).toMatchObject({ written: 100 })
  })

  test('fails so also when that happens under way', async () => {
    const proxy = await Proxy.open((await engine.createDatabase('south')).url)
    const cluster = await openPair(engine, proxy.url)
    async function* source() {
      yield* rows.slice(0, 85)
      await proxy.goDown()
      yield* rows.slice(85)
    }
    const error = await failureOf(cluster.load(User, source(), { batchRows: 10 }))
    expect(error).toMatchObject({ code: 'SY_DATABASE_DOWN', details: { database: 'south' } })
    await proxy.goUp()
    for (const name of cluster.databases) expect(await cluster.database(name).getRepository(User).count()).toBe(0)
  })

  test('says that it does not know when the answer to COMMIT is lost', async () => {
    const proxy = await Proxy.open((await engine.createDatabase('south')).url)
    const cluster = await openPair(engine, proxy.url)
    proxy.cutAt('COMMIT', { isDelivered: true })
    const error = await failureOf(cluster.load(User, rows, { batchRows: 10 }))
    expect(error).toMatchObject({
      code: 'SY_COMMIT_UNKNOWN',
      details: { database: 'south', rows: 40, committed: { north: 60, south: 0 } },
    })
    expect(await cluster.database('north').getRepository(User).count()).toBe(60)
  })
})

describeOn(['sqlite'], 'a load', (engine) => {
  test('into a file that cannot be made fails as the others do', async () => {
    const cluster = await openShelf(engine, 'load file')
    const file = cluster.member('main').address.replace(/^sqlite /, '')
    const under = engine.driver === 'sqlite3' ? `sqlite3:${file}/under.db` : `sqlite:${file}/under.db`
    const other = await Cluster.open(defineCluster({ databases: { main: under }, placement: [place(User, 'main')] }))
    removeAtEnd(() => other.close())
    await expect(other.load(User, [ada])).rejects.toMatchObject({
      code: 'SY_DATABASE_DOWN',
      details: { database: 'main', committed: { main: 0 } },
    })
  })

  test('into memory is refused: it would fill another database than that of the cluster', async () => {
    const scheme = engine.driver === 'sqlite3' ? 'sqlite3' : 'sqlite'
    const definition = defineCluster({ databases: { main: `${scheme}::memory:` }, placement: [place(User, 'main')] })
    await using cluster = await Cluster.open(definition)
    await (await cluster.connect('main')).synchronize()
    const error = await failureOf(cluster.load(User, [ada]))
    expect(error).toMatchObject({ code: 'SY_OPTION_INVALID', details: { option: 'database' } })
  })
})
