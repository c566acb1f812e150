export { Cluster } from './cluster/cluster.js'
export type { Explanation, OpenOptions, RepositoryOptions, TransactionOptions } from './cluster/cluster.js'
export type { DatabaseHealth } from './cluster/database.js'
export { defineCluster, env, place } from './cluster/definition.js'
export type {
  ClusterDefinition,
  ClusterOptions,
  DatabaseConfig,
  EnvironmentUrl,
  PlacedMigration,
  Placement,
} from './cluster/definition.js'
export type { PlacedEntity } from './cluster/entity.js'
export type { Route } from './cluster/route.js'
export type { RouteHints, Router } from './cluster/router.js'
export type { UnitOfWork } from './cluster/transaction/unit-of-work.js'
export type { Reason } from './cluster/validation/check-object.js'
export { Email } from './columns/email.js'
export { CreatedAt, Instant, UpdatedAt } from './columns/instant.js'
export { Money } from './columns/money.js'
export type { MoneyOptions } from './columns/money.js'
export { References } from './columns/references.js'
export type { EntityClass } from './columns/references.js'
export { Text } from './columns/text.js'
export type { TextOptions } from './columns/text.js'
export { GeneratedId, WholeNumber } from './columns/whole-number.js'
export type { WholeNumberOptions } from './columns/whole-number.js'
export { ERROR_CODES, ShardyardError } from './errors.js'
export type { ErrorCode } from './errors.js'
