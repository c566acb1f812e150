// What two threads that share nothing reach here: processors of a virtual machine are not always whole ones.
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { median } from './measure.mjs'

const ROUNDS = 9
const STEPS = 60_000_000

if (!isMainThread) parentPort.on('message', () => parentPort.postMessage(count()))

function count() {
  let sum = 0
  for (let step = 0; step < STEPS; step++) sum = (sum + step * 7) | 0
  return sum
}

/** The time of twice the work in one thread, by that in two. */
export async function scalingHere() {
  const workers = [1, 2].map(() => new Worker(fileURLToPath(import.meta.url)))
  const ask = (worker) =>
    new Promise((resolve) => {
      worker.once('message', resolve)
      worker.postMessage(null)
    })
  const timed = async (work) => {
    const startedAt = performance.now()
    await work()
    return performance.now() - startedAt
  }
  const both = () => Promise.all(workers.map(ask))
  await both()
  const ratios = []
  for (let round = 0; round < ROUNDS; round++) {
    const one = await timed(async () => {
      await ask(workers[0])
      await ask(workers[0])
    })
    ratios.push(one / (await timed(both)))
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  return median(ratios)
}
