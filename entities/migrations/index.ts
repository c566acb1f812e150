import { CreateEvents1763600000003 } from './create-events.js'
import { CreateMetrics1763600000005 } from './create-metrics.js'
import { CreateOrders1763600000002 } from './create-orders.js'
import { CreateProducts1763600000001 } from './create-products.js'
import { CreateTransactions1763600000004 } from './create-transactions.js'
import { CreateUsers1763600000000 } from './create-users.js'

/** Oldest first. One that was released is never changed; a change is a new one. */
export const migrations = [CreateUsers1763600000000, CreateProducts1763600000001, CreateOrders1763600000002] as const

/** For clusters that place Event, Transaction and Metric; a migration whose entity is not placed is a mistake. */
export const recordMigrations = [
  CreateEvents1763600000003,
  CreateTransactions1763600000004,
  CreateMetrics1763600000005,
] as const
