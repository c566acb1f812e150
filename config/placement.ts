import { Event } from '../entities/event.js'
import { Metric } from '../entities/metric.js'
import { Order } from '../entities/order.js'
import { Product } from '../entities/product.js'
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
]
