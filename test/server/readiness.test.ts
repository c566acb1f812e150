import { Cluster, defineCluster } from 'shardyard'
import { definition } from 'shardyard/config'
import { serve } from '../helpers/api'
import { removeAtEnd } from '../helpers/cleanup'
import { openShippedCluster } from '../helpers/shipped-cluster'
import { tempFolder } from '../helpers/temp'

test('a server whose databases and queue answer is ready, and says why', async () => {
  const { ask } = await serve((await openShippedCluster()).cluster, { concurrency: 0 })
  expect((await ask('/readyz')).json()).toEqual({ status: 'ready' })
  const { checks } = (await ask('/readyz?verbose')).json<{ checks: { check: string; state: string }[] }>()
  expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(['pass']))
  expect(checks.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['database control', 'migrations', 'queue', 'disk']),
  )
})

test('a database that is down is a warning; a control database without its tables makes the server unready', async () => {
  const folder = await tempFolder('unready')
  const urls = { control: `sqlite:${folder}/control.db`, users: 'postgres://nobody@127.0.0.1:1/none' }
  const names = Object.keys(definition.databases)
  const databases = Object.fromEntries(names.map((name) => [name, `sqlite:${folder}/${name}.db`]))
  const { kind: _kind, ...rest } = definition
  const cluster = await Cluster.open(defineCluster<string>({ ...rest, databases: { ...databases, ...urls } } as never))
  removeAtEnd(() => cluster.close())
  const { ask } = await serve(cluster, { concurrency: 0 })
  const { statusCode, body } = await ask('/readyz?verbose')
  expect([statusCode, body]).toEqual([503, expect.stringContaining('"status":"unready"')])
  expect(body).toContain('{"check":"database users","state":"warn","note":"does not answer"}')
  expect(body).toContain('"check":"migrations","state":"fail"')
  expect(body).not.toContain('127.0.0.1')
})

test('a server that is to stop says so before anything else', async () => {
  const { server, ask } = await serve((await openShippedCluster()).cluster, { concurrency: 0 })
  const [answer] = await Promise.all([ask('/readyz'), server.close()])
  expect([answer.statusCode, answer.json()]).toEqual([503, { status: 'stopping' }])
})
