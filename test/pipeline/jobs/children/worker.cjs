// A worker in a process of its own: { config, url, prefix, leaseMs, crashesMax }. Tells every event to its parent.
require('reflect-metadata')
const { Cluster, loadDefinition } = require('../../../../dist/src/index.js')
const { JobRunner, afterChildren } = require('../../../../dist/src/pipeline/jobs/job-runner.js')
const { openJobQueue } = require('../../../../dist/src/pipeline/jobs/open-queue.js')

const { config, concurrency = 1, ...options } = JSON.parse(process.argv[2])
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())

const handlers = {
  work: async ({ job }) => ({ done: job.data }),
  slow: async ({ job }) => {
    await new Promise((resolve) => setTimeout(resolve, job.data))
    return 'slow'
  },
  hang: ({ signal }) =>
    new Promise((_, reject) => {
      const alive = setInterval(() => {}, 1_000)
      signal.addEventListener('abort', () => {
        clearInterval(alive)
        reject(signal.reason)
      })
    }),
  // Nothing of this process runs meanwhile, no beat either.
  block: async ({ job }) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, job.data)
    return 'late'
  },
  // Makes as many children as its data says, and answers how they ended.
  spread: async ({ job, children }) => {
    const made = await children()
    if (made.length === 0) return afterChildren(Array.from({ length: job.data }, (_, data) => ({ kind: 'work', data })))
    return made.map(({ state }) => state)
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
}

async function main() {
  const cluster = await Cluster.open(await loadDefinition(config))
  const queue = await openJobQueue(cluster, options)
  const onEvent = ({ kind, job, message }) => process.send?.({ kind, id: job?.id, fence: job?.fence, message })
  await new JobRunner(queue, handlers, cluster, {
    concurrency,
    pollMs: 30,
    graceMs: 200,
    signal: stop.signal,
    onEvent,
  }).run()
  await queue.close()
  await cluster.close()
  process.disconnect?.()
}

void main()
