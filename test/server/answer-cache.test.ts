import { setTimeout as sleep } from 'node:timers/promises'
import { User } from 'shardyard/entities'
import { DataVersions } from 'shardyard/src/pipeline/cache/data-versions'
import { AnswerCache } from 'shardyard/src/server/cache/answer-cache'
import { MemoryStore, type AnswerStore } from 'shardyard/src/server/cache/answer-store'
import { RedisStore } from 'shardyard/src/server/cache/redis-store'
import { removeAtEnd } from '../helpers/cleanup'
import { openShippedCluster } from '../helpers/shipped-cluster'

const REDIS = process.env['SHARDYARD_TEST_REDIS_URL'] ?? ''
const name = `test ${process.pid} ${Date.now()}`
const STORES: readonly { readonly kind: string; readonly make: () => AnswerStore }[] = [
  { kind: 'memory', make: () => new MemoryStore() },
  { kind: 'Redis', make: () => new RedisStore(REDIS) },
]

/** Answers of a cluster whose data the test changes. */
async function answering(store: AnswerStore) {
  const { cluster } = await openShippedCluster({}, { migrated: ['control', 'users'] })
  const answers = new AnswerCache(new DataVersions(cluster), store)
  removeAtEnd(() => answers.close())
  let made = 0
  const change = () => cluster.repository(User).insert({ name: 'Ada', email: `ada${made}@example.com` })
  const ask = (key: string, database = 'users') => answers.through(`${name} ${key}`, [database], async () => ++made)
  return { answers, ask, change }
}

describe.each(STORES)('answers in $kind', ({ make }) => {
  test('are made once for a version, and once more for another one', async () => {
    const store = make()
    const { ask, change } = await answering(store)
    // The first question may come before the connection.
    for (await store.set(name, 'x'); (await store.get(name)) !== 'x'; await store.set(name, 'x')) await sleep(20)
    expect([await ask('a'), await ask('a'), await ask('b'), await ask('a')]).toEqual([1, 1, 2, 1])
    await change()
    expect([await ask('a'), await ask('a')]).toEqual([3, 3])
  })

  test('of a database that nobody has written are made each time', async () => {
    const { ask } = await answering(make())
    expect([await ask('a', 'products'), await ask('a', 'products')]).toEqual([1, 2])
  })

  test('that fail are made again', async () => {
    const { answers } = await answering(make())
    const fail = (why: string) => answers.through(`${name} fails`, ['users'], () => Promise.reject(new Error(why)))
    await expect(fail('first')).rejects.toThrow('first')
    await expect(fail('second')).rejects.toThrow('second')
  })
})

test('answers are made anew while Redis is away', async () => {
  const { ask } = await answering(new RedisStore('redis://127.0.0.1:1'))
  expect([await ask('a'), await ask('a')]).toEqual([1, 2])
})

test('those who ask at once wait for one answer', async () => {
  const { ask } = await answering(new MemoryStore())
  await ask('open')
  expect(await Promise.all([ask('a'), ask('a'), ask('a')])).toEqual([2, 2, 2])
})

test('memory keeps what was asked for last, within its bound', async () => {
  const store = new MemoryStore()
  const megabyte = 'x'.repeat(2 ** 20)
  for (let index = 0; index < 7; index++) await store.set(`key ${index}`, megabyte)
  await store.get('key 0')
  for (let index = 7; index < 10; index++) await store.set(`key ${index}`, megabyte)
  const kept = await Promise.all(Array.from({ length: 10 }, (_, index) => store.get(`key ${index}`)))
  expect(kept.flatMap((text, index) => (text === undefined ? [index] : []))).toEqual([1, 2, 3])
})
