/** How a failing database is treated: retries with backoff and full jitter, and a circuit breaker for each database. */
import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  retry,
  wrap,
  type IPolicy,
} from 'cockatiel'
import type { Fault } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import { answerLimit } from '../../util/answer-limit.js'
import { Stopped } from '../bulk/stopped.js'
import { TaskFailed } from '../bulk/task-failed.js'

/** What a policy is made with. */
export interface DatabasePolicyOptions {
  readonly database: string
  readonly kindOf: (error: unknown) => Fault['kind']
  /** How long the database may be down, in milliseconds, before the work on it fails. */
  readonly waitMs: number
  /** Called before each wait. */
  readonly onWaiting: (message: string) => void
  /** Drops what was used in vain, such as a connection. */
  readonly onFailure: () => Promise<void>
  /** Throws when the work is to stop. */
  readonly mayGoOn: () => Promise<void>
}

const FIRST_DELAY_MS = 25
const LAST_DELAY_MS = 2_000
/** Failures in a row after which the database is left alone for a while. */
const FAILURES_MAX = 5
const OPEN_MS = 1_000

export class DatabasePolicy {
  readonly #options: DatabasePolicyOptions
  readonly #policy: IPolicy
  #downSince: number | undefined
  #conflictSince: number | undefined

  constructor(options: DatabasePolicyOptions) {
    this.#options = options
    const backoff = new ExponentialBackoff({
      initialDelay: FIRST_DELAY_MS,
      maxDelay: LAST_DELAY_MS,
      generator: fullJitterGenerator,
    })
    const isOutage = (error: unknown) => this.#isOutage(error)
    const breaker = circuitBreaker(handleWhen(isOutage), {
      halfOpenAfter: OPEN_MS,
      breaker: new ConsecutiveBreaker(FAILURES_MAX),
    })
    const retries = retry(
      handleWhen((error) => this.#isTransient(error)),
      { maxAttempts: Number.MAX_SAFE_INTEGER, backoff },
    )
    this.#policy = wrap(retries, breaker)
  }

  /** Runs `attempt` until it succeeds; throws {@link TaskFailed} when the database is down for too long. */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    this.#downSince = undefined
    this.#conflictSince = undefined
    try {
      const result = await this.#policy.execute(() => this.#attempt(attempt))
      this.#downSince = undefined
      return result as T
    } catch (error) {
      throw error instanceof TaskFailed || error instanceof Stopped ? error : await this.#final(error)
    }
  }

  /** How long the database has been down, in milliseconds; 0 when it is up. */
  get downMs(): number {
    return this.#downSince === undefined ? 0 : performance.now() - this.#downSince
  }

  async #attempt<T>(attempt: () => Promise<T>): Promise<T> {
    await this.#options.mayGoOn()
    try {
      return await attempt()
    } catch (error) {
      await this.#options.mayGoOn()
      if (this.#isOutage(error)) await this.#noteOutage(error)
      else if (this.#isConflict(error)) this.#noteConflict(error)
      throw error
    }
  }

  async #noteOutage(error: unknown): Promise<void> {
    const { waitMs, database, onWaiting, onFailure } = this.#options
    this.#downSince ??= performance.now()
    await onFailure()
    if (this.downMs >= waitMs) throw new TaskFailed(messageOf(error), database, false, error)
    onWaiting(messageOf(error))
  }

  /** Other writers that do not give way are borne as long as a database that is down. */
  #noteConflict(error: unknown): void {
    const { waitMs, database } = this.#options
    this.#conflictSince ??= performance.now()
    if (performance.now() - this.#conflictSince < answerLimit(waitMs)) return
    throw new TaskFailed(messageOf(error), database, false, error)
  }

  #isOutage(error: unknown): boolean {
    if (error instanceof ShardyardError) return error.code === 'SY_DATABASE_BUSY'
    return !(error instanceof TaskFailed) && this.#options.kindOf(error) === 'unavailable'
  }

  #isTransient(error: unknown): boolean {
    if (error instanceof TaskFailed || error instanceof Stopped) return false
    return error instanceof BrokenCircuitError || this.#isOutage(error) || this.#isConflict(error)
  }

  /** Another writer came in between: a deadlock, or a value that was taken after it was looked for. */
  #isConflict(error: unknown): boolean {
    if (error instanceof ShardyardError || error instanceof TaskFailed) return false
    const kind = this.#options.kindOf(error)
    return kind === 'conflict' || kind === 'unique'
  }

  async #final(error: unknown): Promise<TaskFailed> {
    await this.#options.onFailure()
    return new TaskFailed(withoutValues(messageOf(error)), this.#options.database, true, error)
  }
}

/** What a quoted word in the message of a server may be, that is no value of a record. */
const NAMED = /(relation|table|column|database|role|user|constraint|schema|file) $/i

/** A server's words about a statement that it does not take, without the values that they repeat. */
function withoutValues(message: string): string {
  return message.replace(/(["'`])(?:(?!\1).)*\1/gs, (quoted, _mark, at: number) =>
    NAMED.test(message.slice(0, at)) ? quoted : '…',
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
