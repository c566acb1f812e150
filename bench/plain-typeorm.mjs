// TypeORM without us, on one SQLite file with the same pragmas and the same class-validator rules in a subscriber.
import { validate } from 'class-validator'
import { DataSource } from 'typeorm'

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
