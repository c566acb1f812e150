import { gunzipSync, gzipSync } from 'node:zlib'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from 'shardyard'
import { serve } from '../helpers/api'
import { openShippedCluster } from '../helpers/shipped-cluster'

const ASSETS = join(__dirname, '../../dist/web/assets')

let cluster: Cluster
beforeAll(async () => {
  cluster = (await openShippedCluster()).cluster
})

test('all of the dashboard is at most 150 KB over the network', () => {
  const sizes = readdirSync(ASSETS).map((name) => gzipSync(readFileSync(join(ASSETS, name))).length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
})

test('its files are cached by their names, its page never, and no script may stand in it', async () => {
  const { ask } = await serve(cluster, { concurrency: 0 })
  const index = await ask('/')
  expect(index.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': expect.stringContaining("script-src 'self';"),
  })
  expect(index.body).not.toMatch(/<script(?![^>]* src=)/)
  const name = /assets\/[\w-]+\.js/.exec(index.body)?.[0] ?? ''
  const script = await ask({ url: `/${name}`, headers: { 'accept-encoding': 'gzip' } })
  expect(script.headers).toMatchObject({
    'content-encoding': 'gzip',
    'cache-control': expect.stringContaining('immutable'),
  })
  expect(gunzipSync(script.rawPayload)).toEqual(readFileSync(join(ASSETS, '..', name)))
  const again = await ask({ url: `/${name}`, headers: { 'if-none-match': String(script.headers['etag']) } })
  expect(again.statusCode).toBe(304)
})

test('the page that a report is shown in has no origin, and loads nothing', async () => {
  const { ask } = await serve(cluster, { concurrency: 0 })
  const policy = String((await ask('/report-frame.html')).headers['content-security-policy'])
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining([
      'sandbox allow-scripts',
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'self'",
    ]),
  )
})

test('no path leads out of its folder', async () => {
  const { ask } = await serve(cluster, { concurrency: 0 })
  for (const url of ['/../package.json', '/assets/..%2f..%2fpackage.json', '/assets/', '/assets/%00'])
    expect((await ask(url)).statusCode).toBeGreaterThanOrEqual(400)
})
