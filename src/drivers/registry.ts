import type { Driver, EngineName } from './driver.js'

/** Adding an engine is its file and a line here and in `engineOfUrl`, `engineOfType`. Loaded when first needed. */
const LOADERS: Record<EngineName, () => Driver> = {
  sqlite: () => (require('./sqlite.js') as typeof import('./sqlite.js')).sqliteDriver,
  postgres: () => (require('./postgres.js') as typeof import('./postgres.js')).postgresDriver,
  mysql: () => (require('./mysql.js') as typeof import('./mysql.js')).mysqlDriver,
}

/** The driver of an engine. */
export function driverOf(engine: EngineName): Driver {
  return LOADERS[engine]()
}

/** The engine of a database URL; undefined when its scheme is none of ours. */
export function engineOfUrl(url: string): EngineName | undefined {
  switch (/^([a-z0-9]+):/i.exec(url)?.[1]?.toLowerCase()) {
    case 'sqlite':
    case 'sqlite3':
      return 'sqlite'
    case 'postgres':
    case 'postgresql':
      return 'postgres'
    case 'mysql':
    case 'mariadb':
      return 'mysql'
    default:
      return undefined
  }
}

/** The engine of a `type` of TypeORM's options; undefined when it is none of ours. */
export function engineOfType(type: string): EngineName | undefined {
  switch (type) {
    case 'better-sqlite3':
    case 'sqlite':
      return 'sqlite'
    case 'postgres':
      return 'postgres'
    case 'mysql':
    case 'mariadb':
      return 'mysql'
    default:
      return undefined
  }
}
