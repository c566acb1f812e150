// How long does the whole command take on the 30 sample records, beside a bare process that loads the packages once?
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compare, inFolder, line } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9)
const bin = fileURLToPath(new URL('../dist/commands/bin/simulate-insertions.js', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))

function timed(args, cwd) {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - startedAt
}

const command = async () => inFolder((folder) => timed([bin, '--threads', '10'], folder))
const bare = async () =>
  timed(
    ['-e', `require('reflect-metadata');require('typeorm');require('better-sqlite3');require('class-validator')`],
    here,
  )
await compare(1, command, bare)
const result = await compare(ROUNDS, command, bare)
console.log(`command ${result.a.toFixed(0)} ms, bare process ${result.b.toFixed(0)} ms`)
line('30 records with 10 threads / bare process', result, '<= 5')
