// How much memory does a large upload cost the server, as a body and as a form, and how long does it take beside a copy
// that does nothing but hash and sync? (Linux: the memory of the server is read from /proc.)
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { inFolder } from './measure.mjs'

const MIB = 2 ** 20
const SIZE = Number(process.env.BENCH_MB ?? 1_024) * MIB
const bin = fileURLToPath(new URL('../dist/commands/bin/shardyard.js', import.meta.url))
const block = Buffer.alloc(64 * 1024, 'client,metric,amount,timestamp\n')

function* content() {
  for (let sent = 0; sent < SIZE; sent += block.length) yield block.subarray(0, Math.min(block.length, SIZE - sent))
}

async function serving(work) {
  await inFolder(async (cwd) => {
    const child = spawn(process.execPath, [bin, 'serve', '--port', '0'], { cwd, stdio: ['ignore', 'pipe', 'ignore'] })
    let said = ''
    for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
      said += piece
      if (/Serving at \S+\./.test(said)) break
    }
    try {
      await work(/Serving at (\S+)\./.exec(said)[1], child.pid)
    } finally {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  })
}

function memoryMb(pid, name) {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}

async function send(url, { headers = {}, before = '', after = '' } = {}) {
  function* body() {
    yield Buffer.from(before)
    yield* content()
    yield Buffer.from(after)
  }
  const post = request(url, {
    method: 'POST',
    headers: { 'content-length': SIZE + before.length + after.length, ...headers },
  })
  const answered = once(post, 'response')
  await pipeline(Readable.from(body()), post)
  const [response] = await answered
  response.resume()
  if (response.statusCode !== 201) throw new Error(`The answer was ${response.statusCode}.`)
  await once(response, 'end')
}

async function copied() {
  await inFolder(async (folder) => {
    const [hash, handle] = [createHash('sha256'), await open(join(folder, 'copy'), 'wx')]
    for (const bytes of content()) {
      hash.update(bytes)
      await handle.appendFile(bytes)
    }
    await handle.sync()
    await handle.close()
  })
}

async function seconds(work) {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

const form = {
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
  before: '--b\r\nContent-Disposition: form-data; name="file"; filename="large.csv"\r\n\r\n',
  after: '\r\n--b--\r\n',
}
const copyS = await seconds(copied)
console.log(`${SIZE / MIB} MiB hashed and written by itself: ${copyS.toFixed(1)} s`)
const body = { headers: { 'content-type': 'text/csv' } }
for (const { name, given } of [
  { name: 'as a body', given: body },
  { name: 'as a form', given: form },
]) {
  await serving(async (url, pid) => {
    const before = memoryMb(pid, 'VmRSS')
    // From here on the peak is counted anew.
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    const tookS = await seconds(() => send(`${url}/api/v1/uploads?name=large.csv`, given))
    const more = memoryMb(pid, 'VmHWM') - before
    console.log(
      `${name}: ${tookS.toFixed(1)} s (${(tookS / copyS).toFixed(1)} times the copy), ` +
        `${before.toFixed(0)} MB before, ${more.toFixed(0)} MB more at the peak (asked: <= 50)`,
    )
  })
}
