/** Which polls there are, in three numbers that tell whether one is gone or has come. */
import { LessThanOrEqual } from 'typeorm'
import { StoreStatus } from '../../../entities/store-status.js'
import type { Cluster } from '../../../src/cluster/cluster.js'

export interface PollCount {
  readonly rowIdMax: number
  readonly rowCount: number
  readonly rowIdSum: number
}

/** A prime, so that the sum fits into 53 bits for 9,000,000,000 polls. */
const MODULUS = 1_000_003

/** Counts the polls up to an id; all of them without one. */
export async function countPolls(cluster: Cluster, rowIdMax?: number): Promise<PollCount> {
  const query = cluster
    .repository(StoreStatus, { access: 'read' })
    .createQueryBuilder('poll')
    .select('MAX(poll.id)', 'max')
    .addSelect('COUNT(*)', 'count')
    .addSelect(`SUM(poll.id % ${MODULUS})`, 'sum')
  if (rowIdMax !== undefined) query.where({ id: LessThanOrEqual(rowIdMax) })
  const row = await query.getRawOne<{ max: unknown; count: unknown; sum: unknown }>()
  return { rowIdMax: rowIdMax ?? Number(row?.max), rowCount: Number(row?.count), rowIdSum: Number(row?.sum) }
}

export function isSameCount(a: PollCount, b: PollCount): boolean {
  return a.rowCount === b.rowCount && a.rowIdSum === b.rowIdSum
}
