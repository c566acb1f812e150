// TypeORM without us, on one SQLite file with the same pragmas and the same class-validator rules in a subscriber.
import { validate } from 'class-validator'
import { DataSource } from 'typeorm'

/** TypeORM without us behind a URL, as a script opens it: no validation in it, SQLite at NORMAL like a load. */
export async function openPlainUrl(url, entities) {
  const [, scheme, rest] = /^(\w+):(.*)$/s.exec(url)
  if (scheme === 'sqlite') {
    const dataSource = await openPlain(rest, entities, 'NORMAL')
    dataSource.subscribers.length = 0
    return dataSource
  }
  const dataSource = new DataSource({
    type: scheme === 'postgres' ? 'postgres' : 'mariadb',
    url,
    entities,
    timezone: 'Z',
  })
  if (scheme === 'postgres') {
    // The entities say `datetime`, which PostgreSQL calls otherwise.
    const { normalizeType } = dataSource.driver
    dataSource.driver.normalizeType = function (column) {
      return column.type === 'datetime' ? 'timestamp with time zone' : normalizeType.call(this, column)
    }
  }
  await dataSource.initialize()
  await dataSource.synchronize()
  return dataSource
}

export async function openPlain(file, entities, synchronous) {
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: file,
    entities,
    enableWAL: true,
    prepareDatabase: (db) => void db.pragma(`synchronous = ${synchronous}`),
  })
  // SQLite numbers INTEGER keys only; TypeORM would write BIGINT for these entities.
  const { normalizeType } = dataSource.driver
  dataSource.driver.normalizeType = function (column) {
    return column.type === 'bigint' && column.isGenerated ? 'integer' : normalizeType.call(this, column)
  }
  await dataSource.initialize()
  await dataSource.synchronize()
  dataSource.subscribers.push({
    async beforeInsert({ entity, metadata }) {
      const instance = entity instanceof metadata.target ? entity : Object.assign(new metadata.target(), entity)
      const errors = await validate(instance)
      if (errors.length > 0) throw new Error(String(errors))
    },
  })
  return dataSource
}
