// Runs jest once for each variant of TypeORM and SQLite driver, and adds up what passed and failed.
// With arguments (`npm test -- some-file`) it hands them to jest and runs the first variant only.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const VARIANTS = [
  { title: 'TypeORM 1, better-sqlite3', env: {} },
  { title: 'TypeORM 0.3, better-sqlite3', env: { SHARDYARD_TYPEORM: '0.3' } },
  { title: 'TypeORM 0.3, sqlite3', env: { SHARDYARD_TYPEORM: '0.3', SHARDYARD_SQLITE: 'sqlite3' } },
]

const JEST = createRequire(import.meta.url).resolve('jest/bin/jest')
const args = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'shardyard-results-'))
let running

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    running?.kill(signal)
    rmSync(folder, { recursive: true, force: true })
    process.exit(128 + constants.signals[signal])
  })
}

const results = []
for (const variant of args.length > 0 ? VARIANTS.slice(0, 1) : VARIANTS) results.push(await runVariant(variant))
rmSync(folder, { recursive: true, force: true })

for (const { title, passed, failed, skipped, seconds, code } of results) {
  const notes = [skipped > 0 && `${skipped} skipped`, `${seconds} s`, code !== 0 && `jest ended with ${code}`]
  console.log(`${title}: ${passed} passed, ${failed} failed (${notes.filter(Boolean).join(', ')})`)
}
const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
console.log(`${total('passed')} passed, ${total('failed')} failed`)
process.exitCode = results.every(({ code, failed }) => code === 0 && failed === 0) ? 0 : 1

async function runVariant({ title, env }, index = results.length) {
  console.log(`\n${title}`)
  const start = Date.now()
  const file = join(folder, `${index}.json`)
  const code = await runJest([...args, '--json', `--outputFile=${file}`], env)
  const seconds = ((Date.now() - start) / 1000).toFixed(1)
  return { title, seconds, code, ...readTotals(file) }
}

function runJest(jestArgs, env) {
  running = spawn(process.execPath, [JEST, ...jestArgs], { stdio: 'inherit', env: { ...withoutVariant(), ...env } })
  return new Promise((resolve, reject) => {
    running.once('error', reject)
    running.once('exit', (code, signal) => resolve(code ?? signal))
  })
}

/** The variants say which they are; what a developer has set must not mix in. */
function withoutVariant() {
  const { SHARDYARD_TYPEORM: _typeorm, SHARDYARD_SQLITE: _sqlite, ...env } = process.env
  return env
}

/** A file that could not run at all counts as one failure; so does a jest that left no result. */
function readTotals(file) {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8'))
    return {
      passed: json.numPassedTests,
      failed: json.numFailedTests + json.numRuntimeErrorTestSuites,
      skipped: json.numPendingTests + json.numTodoTests,
    }
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
