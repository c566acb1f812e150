/** How a roll-up is declared: sums that are kept, so that reports over a long time need not read every row again. */
import type { Cluster } from '../../cluster/cluster.js'

/** What a roll-up works with. */
export interface RollupContext {
  readonly cluster: Cluster
  /** Whether to compute everything again, as if nothing were kept. */
  readonly isAnew: boolean
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number) => void
}

/** What a roll-up has done. */
export interface RollupResult {
  /** Rows that were written; none when nothing has changed since the last time. */
  readonly rows: number
  /** How far it is now, in a sentence. */
  readonly says: string
}

/** A roll-up that was declared. Running it twice changes nothing; broken off, the next run goes on. */
export interface Rollup {
  readonly kind: 'shardyard roll-up'
  /** As in `shardyard rollup NAME`: lower case, words joined by hyphens. */
  readonly name: string
  /** What it keeps, in a line. */
  readonly describe: string
  run(context: RollupContext): Promise<RollupResult>
}

/** Declares a roll-up; `shardyard rollup` runs those that stand in `rollups` of the cluster's definition. */
export function defineRollup(declaration: Omit<Rollup, 'kind'>): Rollup {
  return Object.freeze({ ...declaration, kind: 'shardyard roll-up' })
}
