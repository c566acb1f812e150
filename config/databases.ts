import { env } from '../src/cluster/definition.js'

/** SQLite files under `data/`, unless the environment says otherwise. */
export const databases = {
  users: env('SHARDYARD_USERS_URL', 'sqlite:data/users.db'),
  products: env('SHARDYARD_PRODUCTS_URL', 'sqlite:data/products.db'),
  orders: env('SHARDYARD_ORDERS_URL', 'sqlite:data/orders.db'),
  events: env('SHARDYARD_EVENTS_URL', 'sqlite:data/events.db'),
  stores: env('SHARDYARD_STORES_URL', 'sqlite:data/stores.db'),
  control: env('SHARDYARD_CONTROL_URL', 'sqlite:data/control.db'),
} as const
