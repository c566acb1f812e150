import type { RoutePlugin } from '../../src/server/define-server.js'

/** Routes of the five systems whose work this installation has taken over; loaded when a server starts. */
export const routes: readonly (() => Promise<RoutePlugin>)[] = [
  async () => (require('./metric-routes.js') as typeof import('./metric-routes.js')).metricRoutes,
  async () => (require('./transaction-routes.js') as typeof import('./transaction-routes.js')).transactionRoutes,
  async () => (require('./store-routes.js') as typeof import('./store-routes.js')).storeRoutes,
  async () => (require('./event-routes.js') as typeof import('./event-routes.js')).eventRoutes,
]
