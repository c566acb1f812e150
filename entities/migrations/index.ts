import { CreateOrders1763600000002 } from './create-orders.js'
import { CreateProducts1763600000001 } from './create-products.js'
import { CreateUsers1763600000000 } from './create-users.js'

/** Oldest first. One that was released is never changed; a change is a new one. */
export const migrations = [CreateUsers1763600000000, CreateProducts1763600000001, CreateOrders1763600000002] as const
