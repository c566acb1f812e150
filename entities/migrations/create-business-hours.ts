import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { BusinessHours } from '../business-hours.js'

export class CreateBusinessHours1763600000007 implements MigrationInterface {
  static readonly entities = [BusinessHours]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'business_hours',
      columns: [
        column.id(),
        column.binaryText('storeId', 64),
        column.integer('dayOfWeek'),
        column.binaryText('startTimeLocal', 8),
        column.binaryText('endTimeLocal', 8),
      ],
      indices: [
        {
          name: 'uq_business_hours_store_id',
          columnNames: ['storeId', 'dayOfWeek', 'startTimeLocal', 'endTimeLocal'],
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
        { column: 'dayOfWeek', code: 'WRONG_TYPE', condition: (dayOfWeek, sql) => sql.isInteger(dayOfWeek) },
        { column: 'dayOfWeek', code: 'TOO_LOW', condition: (dayOfWeek) => `${dayOfWeek} >= 0` },
        { column: 'dayOfWeek', code: 'TOO_HIGH', condition: (dayOfWeek) => `${dayOfWeek} <= 6` },
        {
          column: 'startTimeLocal',
          code: 'EMPTY',
          condition: (startTimeLocal, sql) => `${sql.charLength(`trim(${startTimeLocal})`)} > 0`,
        },
        {
          column: 'startTimeLocal',
          code: 'NOT_A_TIME',
          condition: (startTimeLocal, sql) =>
            `${sql.charLength(startTimeLocal)} = 8 AND ${startTimeLocal} >= '00:00:00' AND ${startTimeLocal} <= '24:00:00'`,
        },
        {
          column: 'endTimeLocal',
          code: 'EMPTY',
          condition: (endTimeLocal, sql) => `${sql.charLength(`trim(${endTimeLocal})`)} > 0`,
        },
        {
          column: 'endTimeLocal',
          code: 'NOT_A_TIME',
          condition: (endTimeLocal, sql) =>
            `${sql.charLength(endTimeLocal)} = 8 AND ${endTimeLocal} >= '00:00:00' AND ${endTimeLocal} <= '24:00:00'`,
        },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('business_hours', true)
  }
}
