/**
 * Requests that a client may send again, kept in control so that all servers know them.
 *
 * States of a request: running → answered; running → gone, when it failed; running → running, taken over when its
 * lease has run out. An answer is kept for a day.
 *
 * 1. Of those who claim a request at once, one gets it.
 * 2. Only the owner of the latest claim stores an answer.
 */
import { createHash } from 'node:crypto'
import { LessThan } from 'typeorm'
import { IdempotencySchema, type IdempotencyRow } from '../../cluster/bookkeeping/idempotency-row.js'
import type { Cluster } from '../../cluster/cluster.js'
import { ShardyardError } from '../../errors.js'
import { controlOf } from '../runs/run-store.js'

/** An answer as it is kept. */
export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A request that its caller works on. */
export interface RequestClaim {
  readonly id: string
  readonly leaseUntil: number
}

/** What a claim comes to. */
export type Claimed =
  | { readonly kind: 'mine'; readonly claim: RequestClaim }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }
  /** Another request with this key is at work. */
  | { readonly kind: 'running' }
  /** The key was used for another body. */
  | { readonly kind: 'reused' }

const DAY_MS = 86_400_000

/** What makes two requests the same: parts that cannot run into each other, as one short text. */
export function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

export class IdempotencyStore {
  readonly #cluster: Cluster
  readonly #leaseMs: number

  /** `leaseMs` is how long a request may take before another may take it over. */
  constructor(cluster: Cluster, leaseMs: number) {
    this.#cluster = cluster
    this.#leaseMs = leaseMs
  }

  /** Begins a request, or tells what has become of the one before. @throws SY_DATABASE_DOWN */
  async claim(id: string, fingerprint: string): Promise<Claimed> {
    for (;;) {
      const now = await this.#now()
      const row = { id, fingerprint, status: null, answer: null, leaseUntil: now + this.#leaseMs, createdAt: now }
      const known = (await this.#rows.findOneBy({ id })) ?? (await this.#insert(row))
      if (known === undefined) return { kind: 'mine', claim: { id, leaseUntil: row.leaseUntil } }
      if (known === null) continue
      const isOver = now - Number(known.createdAt) >= DAY_MS
      if (!isOver) {
        if (known.fingerprint !== fingerprint) return { kind: 'reused' }
        if (known.status !== null) return { kind: 'answered', answer: answerOf(known) }
        if (Number(known.leaseUntil) > now) return { kind: 'running' }
      }
      const { affected } = await this.#rows.update({ id, leaseUntil: known.leaseUntil }, row)
      if (affected === 1) return { kind: 'mine', claim: { id, leaseUntil: row.leaseUntil } }
    }
  }

  /** Keeps the answer for those who ask again. */
  async keep({ id, leaseUntil }: RequestClaim, { status, ...answer }: KeptAnswer): Promise<void> {
    await this.#rows.update({ id, leaseUntil }, { status, answer: JSON.stringify(answer) })
  }

  /** Gives a request up that did nothing: it may be sent again. */
  async drop({ id, leaseUntil }: RequestClaim): Promise<void> {
    await this.#rows.delete({ id, leaseUntil })
  }

  /** Deletes what is older than a day; answers how many. */
  async prune(): Promise<number> {
    const { affected } = await this.#rows.delete({ createdAt: LessThan((await this.#now()) - DAY_MS) })
    return affected ?? 0
  }

  /** Undefined when it was stored; else what was there first, null when that is gone again. */
  async #insert(row: IdempotencyRow): Promise<IdempotencyRow | null | undefined> {
    try {
      await this.#rows.insert(row)
      return undefined
    } catch (error) {
      const cause = error instanceof ShardyardError ? error.cause : error
      if (this.#control.driver.faultOf(cause).kind !== 'unique') throw error
      return this.#rows.findOneBy({ id: row.id })
    }
  }

  async #now(): Promise<number> {
    const rows = (await this.#rows.query(`SELECT ${this.#control.driver.dialect.nowMs} AS now`)) as { now: unknown }[]
    return Number(rows[0]?.now)
  }

  get #control() {
    return this.#cluster.member(controlOf(this.#cluster))
  }

  get #rows() {
    return this.#control.dataSource.getRepository(IdempotencySchema)
  }
}

function answerOf({ status, answer }: IdempotencyRow): KeptAnswer {
  return { status: status ?? 0, ...(JSON.parse(answer ?? '{}') as Pick<KeptAnswer, 'headers' | 'body'>) }
}
