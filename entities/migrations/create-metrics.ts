import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { Metric } from '../metric.js'

export class CreateMetrics1763600000005 implements MigrationInterface {
  static readonly entities = [Metric]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'metrics',
      columns: [
        column.id(),
        column.text('source', 50),
        column.text('name', 100),
        column.decimalNumber('value'),
        column.instant('recordedAt'),
      ],
      indices: [{ name: 'ix_metrics_name_recorded_at', columnNames: ['name', 'recordedAt'] }],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        { column: 'source', code: 'EMPTY', condition: (source, sql) => `${sql.charLength(`trim(${source})`)} > 0` },
        {
          column: 'source',
          code: 'TOO_SHORT',
          condition: (source, sql) => `${sql.charLength(`trim(${source})`)} >= 1`,
        },
        { column: 'source', code: 'TOO_LONG', condition: (source, sql) => `${sql.charLength(source)} <= 50` },
        { column: 'name', code: 'EMPTY', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} > 0` },
        { column: 'name', code: 'TOO_SHORT', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} >= 1` },
        { column: 'name', code: 'TOO_LONG', condition: (name, sql) => `${sql.charLength(name)} <= 100` },
        { column: 'value', code: 'WRONG_TYPE', condition: (value, sql) => sql.isNumber(value) },
        { column: 'value', code: 'TOO_LOW', condition: (value) => `${value} >= -1.7976931348623157e+308` },
        { column: 'value', code: 'TOO_HIGH', condition: (value) => `${value} <= 1.7976931348623157e+308` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('metrics', true)
  }
}
