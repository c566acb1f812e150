import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { runCommand, startCommand } from '../helpers/command'
import { removeAtEnd } from '../helpers/cleanup'
import { tempFolder } from '../helpers/temp'

/** `serve` in an empty folder, once it has said where. */
async function startServe(cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const child = startCommand(['shardyard', 'serve', '--port', '0', ...args], { cwd, env })
  let [out, err] = ['', '']
  child.stderr.on('data', (text) => (err += String(text)))
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      out += String(text)
      const found = /Serving at (http:\S+)\. /.exec(out)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${err}`)))
  })
  return { child, address, log: () => err }
}

jest.setTimeout(60_000)

test('serve answers, asks for a key once one was made, and ends on SIGTERM', async () => {
  const cwd = await tempFolder('serve')
  const { child, address, log } = await startServe(cwd, [], { SHARDYARD_LOG_LEVEL: 'debug' })
  expect((await fetch(`${address}/api/v1/jobs`)).status).toBe(200)
  const made = await runCommand(['shardyard', 'keys', 'create', 'office', '--scope', 'read'], { cwd })
  const key = made.stdout.trim()
  expect([made.code, key, made.stderr]).toEqual([
    0,
    expect.stringMatching(/^sy_/),
    expect.stringContaining('not shown again'),
  ])
  let status = 200
  for (let at = 0; at < 60 && status === 200; at++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    status = (await fetch(`${address}/api/v1/jobs`)).status
  }
  expect(status).toBe(401)
  expect((await fetch(`${address}/api/v1/jobs`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  const lines = log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ path: '/api/v1/jobs', status: 401 }),
  )
  expect(log()).not.toContain(key)
})

test('keys are listed and revoked', async () => {
  const cwd = await tempFolder('keys')
  const run = (...args: string[]) => runCommand(['shardyard', 'keys', ...args], { cwd })
  const made = JSON.parse((await run('create', 'till', '--scope', 'ingest', '--expires', '30d', '--json')).stdout) as {
    id: string
    key: string
  }
  const { stdout } = await run()
  expect(stdout).toMatch(new RegExp(`${made.id} +till +ingest .*works until`))
  expect(stdout).not.toContain(made.key)
  expect(await run('revoke', made.id)).toMatchObject({ code: 0, stdout: expect.stringContaining('is revoked') })
  expect(await run('revoke', 'nobody')).toMatchObject({ code: 2, stderr: expect.stringContaining('No key "nobody"') })
})

test.each([
  [['keys', 'create', 'x'], 'Say what the key allows'],
  [['keys', 'create', 'x', '--scope', 'read', '--expires', 'soon'], '--expires takes'],
  [['serve', '--host', '0.0.0.0'], 'Make one first: "shardyard keys create'],
  [['serve', '--port', '70000'], 'port'],
])('%j is refused with exit code 2 and a sentence', async (args, sentence) => {
  const { code, stderr } = await runCommand(['shardyard', ...args], { cwd: await tempFolder('refused') })
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
})

test('a server that is refused its address has begun no job', async () => {
  const cwd = await tempFolder('refused')
  const { stdout } = await runCommand(['shardyard', 'report', 'sales', '--background', '--json'], { cwd })
  const { job } = JSON.parse(stdout) as { readonly job: string }
  await runCommand(['shardyard', 'serve', '--host', '0.0.0.0'], { cwd })
  const shown = await runCommand(['shardyard', 'jobs', 'show', job, '--json'], { cwd })
  expect(JSON.parse(shown.stdout)).toMatchObject({ state: 'pending', fence: 0 })
})

test('a port that is taken is told in a sentence, and so is a variable that has no fit value', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  removeAtEnd(async () => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const cwd = await tempFolder('taken')
  const run = (env: Readonly<Record<string, string>>) => runCommand(['shardyard', 'serve'], { cwd, env })
  expect(await run({ SHARDYARD_PORT: String(port) })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`Port ${port} of 127.0.0.1 is taken`),
  })
  expect(await run({ SHARDYARD_KEYS: 'never' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('SHARDYARD_KEYS takes always or when-made'),
  })
})
