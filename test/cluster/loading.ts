import { Cluster, defineCluster, place, type BulkLoadResult, type Router } from 'shardyard'
import { User } from 'shardyard/entities'
import { migrations } from 'shardyard/entities/migrations/index'
import { removeAtEnd } from '../helpers/cleanup'
import type { TestEngine } from '../helpers/engines'
import { disposable, optionsFor } from './store'

export const userAt = (index: number) => ({ name: `User ${index}`, email: `user${index}@example.com` })
export const usersOf = (count: number) => Array.from({ length: count }, (_, index) => userAt(index))

export const isSouthern = (row: object | undefined) =>
  (row as Partial<User> | undefined)?.email?.endsWith('.south') === true

/** Users whose mail address ends in `.south` live in the south, all others in the north. */
const byAddress: Router = {
  databaseForWrite: (_entity, { row }) => (row === undefined ? undefined : isSouthern(row) ? 'south' : 'north'),
  allowMigrate: () => true,
}

/** Two databases with users; the second one may be given. */
export async function openPair(engine: TestEngine, southUrl?: string): Promise<Cluster<'north' | 'south'>> {
  const [north, south] = [await engine.createDatabase('north'), southUrl ?? (await engine.createDatabase('south')).url]
  const cluster = await Cluster.open(
    defineCluster({
      databases: { north: optionsFor(engine, north.url), south: optionsFor(engine, south) },
      placement: [place(User, 'north')],
      routers: [byAddress],
    }),
  )
  removeAtEnd(() => cluster.close())
  for (const name of cluster.databases) {
    await using runner = disposable(cluster.database(name).createQueryRunner())
    await new (migrations[0] as (typeof migrations)[number])().up(runner)
  }
  return cluster
}

export async function* inTime<T>(rows: Iterable<T>): AsyncGenerator<T> {
  for (const row of rows) {
    await Promise.resolve()
    yield row
  }
}

export const never = () => new Promise<never>(() => undefined)

/** The error of a load that must fail. */
export async function failureOf(load: Promise<BulkLoadResult>) {
  const error: unknown = await load.then(
    () => new Error('The load did not fail.'),
    (reason: unknown) => reason,
  )
  return error as Error & { code: string; details: Record<string, unknown> }
}

/** Keeps a user of that address in an open transaction; the answer gives it up. */
export async function holdAddress(cluster: Cluster<'main'>, email: string): Promise<() => Promise<void>> {
  let [release, hasBegun] = [() => undefined as void, () => undefined as void]
  const released = new Promise<void>((resolve) => (release = resolve))
  const begun = new Promise<void>((resolve) => (hasBegun = resolve))
  const unit = cluster.transaction(async (tx) => {
    await tx.repository(User).insert({ name: 'Holder', email })
    hasBegun()
    await released
    throw new Error('given up')
  })
  const ended = unit.catch(() => undefined)
  await begun
  return async () => {
    release()
    await ended
  }
}
