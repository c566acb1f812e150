/** Threat 17: what a log holds. */
import { makeKey } from 'shardyard'
import { serve } from '../../helpers/api'
import { openShippedCluster } from '../../helpers/shipped-cluster'

test('a log tells who asked for what, and no key, cookie, body, or row', async () => {
  const { cluster } = await openShippedCluster()
  const { key, text } = await makeKey(cluster, { name: 'office', scopes: ['read', 'admin'] })
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const { server } = await serve(cluster, { concurrency: 0, logger: { level: 'debug', stream } })
  const ada = 'ada@example.com'
  server.context.queue.list = async () => {
    const parts = { query: `SELECT '${ada}'`, parameters: [ada], driverError: new Error(`Duplicate entry '${ada}'`) }
    throw Object.assign(new Error(`Duplicate entry '${ada}' for key 'email'`), parts)
  }
  const headers = { authorization: `Bearer ${text}`, cookie: 'a=secret' }
  await server.app.inject({ url: `/api/v1/jobs?after=${ada}`, headers })
  await server.app.inject({
    method: 'POST',
    url: '/api/v1/cluster/explain',
    headers,
    payload: { entity: 'User', where: { email: ada } },
  })
  await server.app.inject({ url: `/api/v1/jobs/${text}`, headers })
  const log = lines.join('')
  expect(log).toContain(`"path":"/api/v1/jobs","ip":"127.0.0.1","key":"${key.id}","status":500`)
  expect(log).toContain('"path":"/api/v1/cluster/explain"')
  expect(log).toContain(`sy_${key.id}_***`)
  for (const secret of [ada, text, 'a=secret']) expect(log).not.toContain(secret)
})
