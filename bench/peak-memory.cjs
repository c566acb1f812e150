// Writes the process's peak memory in MB when it ends.
const { writeFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const cwd = process.cwd()
if (isMainThread) {
  process.on('exit', () =>
    writeFileSync(`${cwd}/peak-memory`, String(Math.round(process.resourceUsage().maxRSS / 1024))),
  )
}
