/** Loads into databases that go away while they run. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENGINES, type TestEngine } from '../helpers/engines'
import {
  ask,
  endState,
  makeShop,
  runJson,
  startSimulation,
  withUrls,
  type EndState,
  type Shop,
  type ShopDatabase,
} from './shop'
import { TcpProxy } from './tcp-proxy'

export const LOAD = ['--count', '300', '--threads', '3', '--invalid', '0.3']

let undisturbed: Promise<EndState> | undefined

/** The end of {@link LOAD} when nothing happens. */
export function undisturbedEnd(): Promise<EndState> {
  undisturbed ??= makeShop(ENGINES[0] as TestEngine, 'undisturbed').then(async (shop) => {
    await runJson(shop, LOAD)
    return endState(shop)
  })
  return undisturbed
}

/** A shop that reaches one of its databases through a proxy. */
export async function proxiedShop(
  engine: TestEngine,
  name: ShopDatabase,
): Promise<{ shop: Shop; proxied: Shop; proxy: TcpProxy }> {
  const shop = await makeShop(engine, 'down')
  const proxy = await TcpProxy.open(shop.urls[name])
  return { shop, proxied: withUrls(shop, { [name]: proxy.url }), proxy }
}

/** Starts the command and returns when the database `during` has taken some of the records; then it answers the end. */
export async function startedLoad(shop: Shop, direct: Shop, during: ShopDatabase, args: readonly string[] = LOAD) {
  const child = startSimulation(shop, args)
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  while ((await ledgerSize(direct, during)) < 20 && child.exitCode === null) await sleep(5)
  return async () => {
    const [[code], stdout, stderr] = await ended
    return { code: code as number | null, stdout, stderr }
  }
}

export async function ledgerSize({ engine, urls }: Shop, name: ShopDatabase): Promise<number> {
  try {
    const [row] = await ask(engine, urls[name], 'SELECT count(*) AS settled FROM shardyard_ledger')
    return Number(row?.['settled'])
  } catch {
    return 0
  }
}
