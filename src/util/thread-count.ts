import type { Worker } from 'node:worker_threads'

let count = 0

/** Counts a worker thread until its end. */
export function countThread(worker: Worker): void {
  count += 1
  worker.once('exit', () => (count -= 1))
}

/** How many worker threads this process has now. */
export function threadCount(): number {
  return count
}
