import type { TestEngine } from '../helpers/engines'
import { proxiedShop, startedLoad } from './outage'
import { runJson, type ShopDatabase } from './shop'

/** Far below the 60 seconds for which a load waits when it is not told. */
const ENDS_WITHIN_MS = 40_000
const LONG = ['--count', '9000', '--threads', '2']

/** Has a server stop answering while an entity is loaded, for longer than the load waits. */
export async function requireEndAndResume(
  engine: TestEngine,
  { down, during }: { readonly down: ShopDatabase; readonly during: ShopDatabase },
): Promise<void> {
  const { shop, proxied, proxy } = await proxiedShop(engine, down)
  const end = await startedLoad(proxied, shop, during, [...LONG, '--wait', '1'])
  proxy.freeze()
  const frozenAt = performance.now()
  const { code, stderr } = await end()
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(new RegExp(`^Run \\w+ [^\\n]*"${down}"[^\\n]* resumes the run\\.\\n$`)),
  })
  expect(performance.now() - frozenAt).toBeLessThan(ENDS_WITHIN_MS)
  proxy.up()
  expect((await runJson(proxied, [...LONG, '--batch', '500'])).state).toBe('complete')
}
