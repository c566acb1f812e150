import { CreateBusinessHours1763600000007 } from './create-business-hours.js'
import { CreateEvents1763600000003 } from './create-events.js'
import { CreateMetrics1763600000005 } from './create-metrics.js'
import { CreateOrders1763600000002 } from './create-orders.js'
import { CreateProducts1763600000001 } from './create-products.js'
import { CreateRollupMarks1763600000011 } from './create-rollup-marks.js'
import { CreateStoreDays1763600000009 } from './create-store-days.js'
import { CreateStoreRollups1763600000010 } from './create-store-rollups.js'
import { CreateStoreStatuses1763600000008 } from './create-store-statuses.js'
import { CreateStores1763600000006 } from './create-stores.js'
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

/** For clusters that place Store, BusinessHours, StoreStatus, StoreDay, StoreRollup and RollupMark. */
export const storeMigrations = [
  CreateStores1763600000006,
  CreateBusinessHours1763600000007,
  CreateStoreStatuses1763600000008,
  CreateStoreDays1763600000009,
  CreateStoreRollups1763600000010,
  CreateRollupMarks1763600000011,
] as const
