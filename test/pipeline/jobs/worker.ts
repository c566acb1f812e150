import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { removeAtEnd } from '../../helpers/cleanup'
import { LEASE_MS, type QueueAddress } from './queues'

/** What a worker process has told. */
export interface WorkerEvent {
  readonly kind: string
  readonly id?: string
  readonly fence?: number
  readonly message?: string
}

/** A worker in a process of its own; killed after the test at the latest. */
export class WorkerProcess {
  readonly events: WorkerEvent[] = []
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>

  private constructor(readonly process: ChildProcess) {
    process.on('message', (event) => this.events.push(event as WorkerEvent))
    this.ended = once(process, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  }

  static start(address: QueueAddress, options: { crashesMax?: number; concurrency?: number; leaseMs?: number } = {}) {
    const given = JSON.stringify({ leaseMs: LEASE_MS, ...address, ...options })
    const { SHARDYARD_FAULTS: _faults, ...env } = process.env
    const child = fork(join(__dirname, 'children/worker.cjs'), [given], { env })
    const worker = new WorkerProcess(child)
    removeAtEnd(async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await worker.ended
    })
    return worker
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind)
  }

  /** Waits until the process has told `count` events of a kind. */
  async told(kind: string, count = 1): Promise<void> {
    while (this.kinds().filter((one) => one === kind).length < count) {
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error(`The worker ended before it told "${kind}".`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.ended
  }
}
