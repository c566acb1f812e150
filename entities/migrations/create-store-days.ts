import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { StoreDay } from '../store-day.js'

export class CreateStoreDays1763600000009 implements MigrationInterface {
  static readonly entities = [StoreDay]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'store_days',
      columns: [
        column.id(),
        column.binaryText('storeId', 64),
        column.integer('day'),
        column.integer('businessMs'),
        column.integer('upMs'),
      ],
      indices: [{ name: 'uq_store_days_store_id_day', columnNames: ['storeId', 'day'], isUnique: true }],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        { column: 'storeId', code: 'EMPTY', condition: (storeId, sql) => `${sql.charLength(`trim(${storeId})`)} > 0` },
        {
          column: 'storeId',
          code: 'TOO_SHORT',
          condition: (storeId, sql) => `${sql.charLength(`trim(${storeId})`)} >= 1`,
        },
        { column: 'storeId', code: 'TOO_LONG', condition: (storeId, sql) => `${sql.charLength(storeId)} <= 64` },
        { column: 'day', code: 'WRONG_TYPE', condition: (day, sql) => sql.isInteger(day) },
        { column: 'day', code: 'TOO_LOW', condition: (day) => `${day} >= 0` },
        { column: 'day', code: 'TOO_HIGH', condition: (day) => `${day} <= 10000000` },
        { column: 'businessMs', code: 'WRONG_TYPE', condition: (businessMs, sql) => sql.isInteger(businessMs) },
        { column: 'businessMs', code: 'TOO_LOW', condition: (businessMs) => `${businessMs} >= 0` },
        { column: 'businessMs', code: 'TOO_HIGH', condition: (businessMs) => `${businessMs} <= 86400000` },
        { column: 'upMs', code: 'WRONG_TYPE', condition: (upMs, sql) => sql.isInteger(upMs) },
        { column: 'upMs', code: 'TOO_LOW', condition: (upMs) => `${upMs} >= 0` },
        { column: 'upMs', code: 'TOO_HIGH', condition: (upMs) => `${upMs} <= 86400000` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('store_days', true)
  }
}
