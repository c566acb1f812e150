import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { StoreStatus } from '../store-status.js'

export class CreateStoreStatuses1763600000008 implements MigrationInterface {
  static readonly entities = [StoreStatus]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'store_statuses',
      columns: [
        column.id(),
        column.binaryText('storeId', 64),
        column.instant('timestamp'),
        column.binaryText('status', 8),
      ],
      indices: [
        {
          name: 'uq_store_statuses_store_id_timestamp',
          columnNames: ['storeId', 'timestamp', 'status'],
          isUnique: true,
        },
      ],
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
        { column: 'status', code: 'EMPTY', condition: (status, sql) => `${sql.charLength(`trim(${status})`)} > 0` },
        { column: 'status', code: 'NOT_ALLOWED', condition: (status) => `${status} IN ('active', 'inactive')` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('store_statuses', true)
  }
}
