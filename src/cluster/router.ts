import { ShardyardError } from '../errors.js'
import type { Placement } from './definition.js'
import { nameOf, type PlacedEntity } from './entity.js'
import type { Route } from './route.js'

/** What is known of a call when a router is asked. */
export interface RouteHints {
  /** The row that is read or written, when there is one. */
  readonly row?: object
}

/**
 * Answers where calls go. `undefined` means no opinion: the next router is asked, the placement table last. For loads
 * the answer must depend on the entity and the row alone, or a resumed run could send a row elsewhere.
 */
export interface Router {
  databaseForRead?(entity: PlacedEntity, hints: RouteHints): string | undefined
  databaseForWrite?(entity: PlacedEntity, hints: RouteHints): string | undefined
  /** Whether a column of `from` may name rows of `to`. */
  allowRelation?(from: PlacedEntity, to: PlacedEntity): boolean | undefined
  /** Whether `database` has the table of `entity`. */
  allowMigrate?(database: string, entity: PlacedEntity): boolean | undefined
}

const TABLE = 'placement table'

/** The user's routers in their order, then the placement table. */
export class RouterChain {
  readonly #routers: readonly Router[]
  readonly #placement: ReadonlyMap<PlacedEntity, string>
  readonly #databases: ReadonlySet<string>

  constructor(routers: readonly Router[], placement: readonly Placement<string>[], databases: Iterable<string>) {
    this.#routers = routers
    this.#placement = new Map(placement.map((row) => [row.entity, row.database]))
    this.#databases = new Set(databases)
  }

  routeForRead(entity: PlacedEntity, hints: RouteHints = {}): Route {
    return this.#route(entity, (router) => router.databaseForRead?.(entity, hints))
  }

  routeForWrite(entity: PlacedEntity, hints: RouteHints = {}): Route {
    return this.#route(entity, (router) => router.databaseForWrite?.(entity, hints))
  }

  allowRelation(from: PlacedEntity, to: PlacedEntity): boolean {
    return this.#firstAnswer((router) => router.allowRelation?.(from, to))?.answer ?? true
  }

  allowMigrate(database: string, entity: PlacedEntity): boolean {
    const answer = this.#firstAnswer((router) => router.allowMigrate?.(database, entity))?.answer
    return answer ?? this.#placement.get(entity) === database
  }

  #route(entity: PlacedEntity, ask: (router: Router) => string | undefined): Route {
    const placed = this.#placement.get(entity)
    if (placed === undefined) throw unknownEntity(entity, [...this.#placement.keys()])
    const given = this.#firstAnswer(ask)
    if (given === undefined) return { kind: 'one', database: placed, decidedBy: TABLE }
    if (!this.#databases.has(given.answer)) throw unknownDatabase(given.answer, [...this.#databases], given.router)
    return { kind: 'one', database: given.answer, decidedBy: given.router }
  }

  #firstAnswer<T>(ask: (router: Router) => T | undefined): { answer: T; router: string } | undefined {
    for (const [index, router] of this.#routers.entries()) {
      const answer = ask(router)
      if (answer !== undefined) return { answer, router: routerName(router, index) }
    }
    return undefined
  }
}

/** The class of a router, or its place in the chain when it is a plain object. */
export function routerName(router: Router, index: number): string {
  const name = Object.getPrototypeOf(router)?.constructor?.name ?? 'Object'
  return name === 'Object' ? `router ${index + 1}` : `router ${String(name)}`
}

/** The error for a name that no database has. */
export function unknownDatabase(name: string, known: readonly string[], askedBy?: string): ShardyardError {
  const where = askedBy === undefined ? '' : ` (${askedBy} answered it)`
  return new ShardyardError(
    'SY_DATABASE_UNKNOWN',
    `No database is named "${name}"${where}. Defined are: ${known.join(', ')}.`,
    { details: { name, known } },
  )
}

function unknownEntity(entity: PlacedEntity, known: readonly PlacedEntity[]): ShardyardError {
  const name = nameOf(entity)
  return new ShardyardError(
    'SY_ENTITY_UNKNOWN',
    `${name} is not placed in this cluster. Add place(${name}, '…') to the placement. Placed are: ${known.map(nameOf).join(', ')}.`,
    { details: { entity: name } },
  )
}
