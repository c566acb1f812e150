/** What the high-performance reporting told at `/api/v1/summary`: of payments alone, beside the members of the API. */
import { Transaction } from '../../entities/transaction.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { entityOutcomes, type EntityOutcomes } from '../../src/pipeline/ingest/entity-outcomes.js'

const COUNT = { type: 'integer', minimum: 0 } as const
const OF_PAYMENTS = 'of the records of payments'

export const SUMMARY_PROPERTIES = {
  total_processed: { ...COUNT, description: `${OF_PAYMENTS} that any ingestion has judged` },
  successful_records: { ...COUNT, description: `${OF_PAYMENTS} that were stored, or were stored before` },
  validation_failures: { ...COUNT, description: `${OF_PAYMENTS} that were refused` },
  success_rate: { type: 'string', description: 'in percent, with two decimals: 57.14%' },
} as const

/** For `defineServer`. */
export const transactionSummary = {
  properties: SUMMARY_PROPERTIES,
  read: async (cluster: Cluster) => summaryMembers((await entityOutcomes(cluster, Transaction)).counts),
}

/** The four members of some counts. Nothing is no success: `0.00%`. */
export function summaryMembers({
  accepted,
  duplicate,
  rejected,
}: Pick<EntityOutcomes['counts'], 'accepted' | 'duplicate' | 'rejected'>) {
  const successful = accepted + duplicate
  const total = successful + rejected
  return {
    total_processed: total,
    successful_records: successful,
    validation_failures: rejected,
    success_rate: `${(total === 0 ? 0 : (successful / total) * 100).toFixed(2)}%`,
  }
}
