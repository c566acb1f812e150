import { BusinessHours } from '../entities/business-hours.js'
import { Event } from '../entities/event.js'
import { Metric } from '../entities/metric.js'
import { Order } from '../entities/order.js'
import { Product } from '../entities/product.js'
import { RollupMark } from '../entities/rollup-mark.js'
import { Store } from '../entities/store.js'
import { StoreDay } from '../entities/store-day.js'
import { StoreRollup } from '../entities/store-rollup.js'
import { StoreStatus } from '../entities/store-status.js'
import { Transaction } from '../entities/transaction.js'
import { User } from '../entities/user.js'
import { place } from '../src/cluster/definition.js'

/** One row an entity: where it lives. */
export const placement = [
  place(User, 'users'),
  place(Product, 'products'),
  place(Order, 'orders'),
  place(Event, 'events'),
  place(Transaction, 'events'),
  place(Metric, 'events'),
  place(Store, 'stores'),
  place(BusinessHours, 'stores'),
  place(StoreStatus, 'stores'),
  place(StoreDay, 'stores'),
  place(StoreRollup, 'stores'),
  place(RollupMark, 'stores'),
]
