// Stops everything the tests started. It is a process of its own, so that it also works when the process
// that started the servers is killed outright: its standard input then ends, and that is the signal.
//
// Each line of input is one thing to clear away: { pid, signal } or { container } or { folder }.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const GRACE_MS = 5_000
const isWindows = process.platform === 'win32'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

const things = []
for await (const line of createInterface({ input: process.stdin })) things.push(JSON.parse(line))

await Promise.all(things.filter((thing) => thing.pid).map(stopProcess))
for (const { folder } of things)
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
for (const { container } of things) if (container) removeContainer(container)

async function stopProcess({ pid, signal }) {
  send(pid, signal)
  for (let waited = 0; waited < GRACE_MS && isAlive(pid); waited += 20) await sleep(20)
  if (isAlive(pid)) send(pid, 'SIGKILL')
}

// The pid leads a process group (see `startProcess`), so its children end with it.
function send(pid, signal) {
  try {
    if (isWindows) execFileSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' })
    else process.kill(-pid, signal)
  } catch (error) {
    if (!isWindows && error.code !== 'ESRCH') throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function removeContainer(container) {
  execFileSync('docker', ['rm', '--force', '--volumes', container], { stdio: 'ignore' })
}
