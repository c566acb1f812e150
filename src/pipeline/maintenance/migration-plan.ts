/** Which migrations belong in which database. */
import { BOOKKEEPING_MIGRATIONS } from '../../cluster/bookkeeping/migrations.js'
import { bookkeepingOf } from '../../cluster/bookkeeping/bookkeeping.js'
import type { Cluster } from '../../cluster/cluster.js'
import type { Database } from '../../cluster/database.js'
import type { PlacedMigration } from '../../cluster/definition.js'
import type { PlacedEntity } from '../../cluster/entity.js'

/** A migration that the definition or the library has. */
export interface KnownMigration {
  readonly name: string
  /** The 13 digits that its name ends with. */
  readonly stamp: number
  /** True for the tables of the library itself. */
  readonly isOwn: boolean
  readonly migration: PlacedMigration
}

/** The migrations of one database, oldest first. */
export interface DatabasePlan {
  readonly database: Database
  /** The entities that live there, the library's own included. */
  readonly entities: readonly PlacedEntity[]
  readonly migrations: readonly KnownMigration[]
}

/** One migration in one database. */
export interface MigrationStep {
  readonly database: string
  readonly migration: string
}

/** Which databases a call of this folder is for. */
export interface MaintenanceOptions<Name extends string = string> {
  /** @defaultValue all of the cluster */
  readonly databases?: readonly Name[]
}

/** The databases in which entities live, in the order of the definition, each with its migrations. */
export function planMigrations<Name extends string>(
  cluster: Cluster<Name>,
  { databases = cluster.databases }: MaintenanceOptions<Name> = {},
): readonly DatabasePlan[] {
  for (const name of databases) cluster.member(name)
  const all = knownMigrations(cluster.definition.migrations)
  return cluster.databases
    .filter((name) => databases.includes(name))
    .map((name) => {
      const entities = residentsOf(cluster, name)
      const migrations = all.filter(({ migration }) => migration.entities.some((entity) => entities.includes(entity)))
      return { database: cluster.member(name), entities, migrations }
    })
    .filter(({ entities }) => entities.length > 0)
}

/** The time stamp of a migration's name; 0 when it has none. */
export function stampOf(name: string): number {
  return Number(/\d{13}$/.exec(name)?.[0] ?? 0)
}

function residentsOf<Name extends string>({ definition, router }: Cluster<Name>, name: Name): readonly PlacedEntity[] {
  const placed = definition.placement.map(({ entity }) => entity).filter((entity) => router.allowMigrate(name, entity))
  return [...placed, ...bookkeepingOf(definition, name, placed)]
}

function knownMigrations(given: readonly PlacedMigration[]): readonly KnownMigration[] {
  const own = BOOKKEEPING_MIGRATIONS.map((migration) => known(migration, true))
  return [...own, ...given.map((migration) => known(migration, false))].toSorted((a, b) => a.stamp - b.stamp)
}

function known(migration: PlacedMigration, isOwn: boolean): KnownMigration {
  return { name: migration.name, stamp: stampOf(migration.name), isOwn, migration }
}
