import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { RollupMark } from '../rollup-mark.js'

export class CreateRollupMarks1763600000011 implements MigrationInterface {
  static readonly entities = [RollupMark]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'rollup_marks',
      columns: [
        column.id(),
        column.binaryText('name', 40),
        column.integer('toDay'),
        column.bigInteger('rowIdMax'),
        column.bigInteger('rowCount'),
        column.bigInteger('rowIdSum'),
      ],
      indices: [{ name: 'uq_rollup_marks_name', columnNames: ['name'], isUnique: true }],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        { column: 'name', code: 'EMPTY', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} > 0` },
        { column: 'name', code: 'TOO_SHORT', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} >= 1` },
        { column: 'name', code: 'TOO_LONG', condition: (name, sql) => `${sql.charLength(name)} <= 40` },
        { column: 'toDay', code: 'WRONG_TYPE', condition: (toDay, sql) => sql.isInteger(toDay) },
        { column: 'toDay', code: 'TOO_LOW', condition: (toDay) => `${toDay} >= 0` },
        { column: 'toDay', code: 'TOO_HIGH', condition: (toDay) => `${toDay} <= 10000000` },
        { column: 'rowIdMax', code: 'WRONG_TYPE', condition: (rowIdMax, sql) => sql.isInteger(rowIdMax) },
        { column: 'rowIdMax', code: 'TOO_LOW', condition: (rowIdMax) => `${rowIdMax} >= 0` },
        { column: 'rowIdMax', code: 'TOO_HIGH', condition: (rowIdMax) => `${rowIdMax} <= 9007199254740991` },
        { column: 'rowCount', code: 'WRONG_TYPE', condition: (rowCount, sql) => sql.isInteger(rowCount) },
        { column: 'rowCount', code: 'TOO_LOW', condition: (rowCount) => `${rowCount} >= 0` },
        { column: 'rowCount', code: 'TOO_HIGH', condition: (rowCount) => `${rowCount} <= 9007199254740991` },
        { column: 'rowIdSum', code: 'WRONG_TYPE', condition: (rowIdSum, sql) => sql.isInteger(rowIdSum) },
        { column: 'rowIdSum', code: 'TOO_LOW', condition: (rowIdSum) => `${rowIdSum} >= 0` },
        { column: 'rowIdSum', code: 'TOO_HIGH', condition: (rowIdSum) => `${rowIdSum} <= 9007199254740991` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('rollup_marks', true)
  }
}
