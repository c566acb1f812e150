// How fast is a large simulation, ledger included, beside a plain script that checks and saves in chunks?
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inFolder } from './measure.mjs'

const COUNT = Number(process.env.BENCH_COUNT ?? 1_000_000)
const PLAIN_COUNT = Math.min(COUNT, Number(process.env.BENCH_PLAIN_COUNT ?? 200_000))
const bin = fileURLToPath(new URL('../dist/commands/bin/simulate-insertions.js', import.meta.url))
const plain = fileURLToPath(new URL('plain-load.mjs', import.meta.url))
const watch = fileURLToPath(new URL('peak-memory.cjs', import.meta.url))

function run(folder, args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

async function simulated(threads) {
  return inFolder((folder) => {
    const args = ['--require', watch, bin, '--count', COUNT, '--threads', threads, '--batch', 1_000, '--json'].map(
      String,
    )
    const { recordsPerSecond } = run(folder, args)
    return { recordsPerSecond, peakMb: Number(readFileSync(`${folder}/peak-memory`, 'utf8')) }
  })
}

const base = await inFolder((folder) => run(folder, [plain, folder, String(PLAIN_COUNT), '1']))
console.log(`plain script, ${PLAIN_COUNT} records: ${base.perSecond} records/s`)
const two = await simulated(2)
const ratio = (two.recordsPerSecond / base.perSecond).toFixed(2)
console.log(
  `simulate-insertions, ${COUNT} records, 2 threads, batch 1000: ${Math.round(two.recordsPerSecond)} records/s`,
)
console.log(`simulate-insertions / plain script: ${ratio}  (asked: >= 3)`)
console.log(`peak memory, 2 threads: ${two.peakMb} MB  (asked: <= 300)`)
const ten = await simulated(10)
console.log(
  `peak memory, 10 threads: ${ten.peakMb} MB, ${((ten.peakMb - two.peakMb) / 8).toFixed(0)} MB a further thread  (asked: <= 30)`,
)
