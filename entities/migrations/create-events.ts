import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { Event } from '../event.js'

export class CreateEvents1763600000003 implements MigrationInterface {
  static readonly entities = [Event]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'events',
      columns: [
        column.id(),
        column.text('client', 100),
        column.text('metric', 100),
        column.money('amount'),
        column.instant('timestamp'),
      ],
      indices: [{ name: 'ix_events_timestamp', columnNames: ['timestamp'] }],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        { column: 'client', code: 'EMPTY', condition: (client, sql) => `${sql.charLength(`trim(${client})`)} > 0` },
        {
          column: 'client',
          code: 'TOO_SHORT',
          condition: (client, sql) => `${sql.charLength(`trim(${client})`)} >= 1`,
        },
        { column: 'client', code: 'TOO_LONG', condition: (client, sql) => `${sql.charLength(client)} <= 100` },
        { column: 'metric', code: 'EMPTY', condition: (metric, sql) => `${sql.charLength(`trim(${metric})`)} > 0` },
        {
          column: 'metric',
          code: 'TOO_SHORT',
          condition: (metric, sql) => `${sql.charLength(`trim(${metric})`)} >= 1`,
        },
        { column: 'metric', code: 'TOO_LONG', condition: (metric, sql) => `${sql.charLength(metric)} <= 100` },
        { column: 'amount', code: 'WRONG_TYPE', condition: (amount, sql) => sql.isNumber(amount) },
        { column: 'amount', code: 'TOO_LOW', condition: (amount) => `${amount} >= -9999999999.99` },
        { column: 'amount', code: 'TOO_HIGH', condition: (amount) => `${amount} <= 9999999999.99` },
        { column: 'amount', code: 'TOO_PRECISE', condition: (amount) => `round(${amount}, 2) = ${amount}` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('events', true)
  }
}
