import type { PartitionClaim } from './message-stream.js'

/**
 * Which partitions are ours. They are until the group says otherwise, or has not heard of us for so long that it may
 * have given them to another: a process that was asleep must not go on as if nothing had happened.
 */
export class Membership {
  readonly #silenceMaxMs: number
  #partitions: ReadonlySet<number> = new Set()
  #generation = 0
  #heardAt = 0

  constructor(silenceMaxMs: number) {
    this.#silenceMaxMs = silenceMaxMs
  }

  join(partitions: readonly number[]): void {
    this.#generation += 1
    this.#partitions = new Set(partitions)
    this.beat()
  }

  beat(): void {
    this.#heardAt = performance.now()
  }

  lose(): void {
    this.#partitions = new Set()
  }

  /** A claim ends with its generation, even when the partition comes back in the next. */
  claim(partition: number): PartitionClaim {
    const generation = this.#generation
    return {
      isOurs: () =>
        generation === this.#generation &&
        this.#partitions.has(partition) &&
        performance.now() - this.#heardAt < this.#silenceMaxMs,
    }
  }
}
