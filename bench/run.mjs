// Runs every benchmark, one after the other, in one go: `npm run bench`, or `npm run bench -- start repository`.
import { spawnSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const ALL = [
  'repository',
  'start',
  'simulation',
  'ingest',
  'load',
  'report-writers',
  'report-pdf',
  'sales',
  'store-uptime',
  'events',
  'upload',
]
const asked = process.argv.slice(2)

console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB`,
)
for (const name of asked.length > 0 ? asked : ALL) {
  console.log(`\n${name}`)
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
