import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { StoreRollup } from '../store-rollup.js'

export class CreateStoreRollups1763600000010 implements MigrationInterface {
  static readonly entities = [StoreRollup]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'store_rollups',
      columns: [
        column.id(),
        column.binaryText('storeId', 64),
        column.binaryText('schedule', 32),
        column.integer('fromDay'),
      ],
      indices: [{ name: 'uq_store_rollups_store_id', columnNames: ['storeId'], isUnique: true }],
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
          column: 'schedule',
          code: 'EMPTY',
          condition: (schedule, sql) => `${sql.charLength(`trim(${schedule})`)} > 0`,
        },
        {
          column: 'schedule',
          code: 'TOO_SHORT',
          condition: (schedule, sql) => `${sql.charLength(`trim(${schedule})`)} >= 1`,
        },
        { column: 'schedule', code: 'TOO_LONG', condition: (schedule, sql) => `${sql.charLength(schedule)} <= 32` },
        { column: 'fromDay', code: 'WRONG_TYPE', condition: (fromDay, sql) => sql.isInteger(fromDay) },
        { column: 'fromDay', code: 'TOO_LOW', condition: (fromDay) => `${fromDay} >= 0` },
        { column: 'fromDay', code: 'TOO_HIGH', condition: (fromDay) => `${fromDay} <= 10000000` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('store_rollups', true)
  }
}
