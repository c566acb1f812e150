import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { Store } from '../store.js'

export class CreateStores1763600000006 implements MigrationInterface {
  static readonly entities = [Store]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'stores',
      columns: [column.id(), column.binaryText('storeId', 64), column.text('timezone', 64)],
      indices: [{ name: 'uq_stores_store_id', columnNames: ['storeId'], isUnique: true }],
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
        {
          column: 'timezone',
          code: 'EMPTY',
          condition: (timezone, sql) => `${sql.charLength(`trim(${timezone})`)} > 0`,
        },
        {
          column: 'timezone',
          code: 'TOO_SHORT',
          condition: (timezone, sql) => `${sql.charLength(`trim(${timezone})`)} >= 1`,
        },
        { column: 'timezone', code: 'TOO_LONG', condition: (timezone, sql) => `${sql.charLength(timezone)} <= 64` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('stores', true)
  }
}
