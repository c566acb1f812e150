import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { Transaction } from '../transaction.js'

export class CreateTransactions1763600000004 implements MigrationInterface {
  static readonly entities = [Transaction]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'transactions',
      columns: [
        column.id(),
        column.binaryText('externalId', 100),
        column.money('amount'),
        column.binaryText('currency', 3),
        column.text('status', 20),
        column.text('sourceChannel', 100),
        column.instant('timestamp', { isNullable: true }),
      ],
      indices: [
        { name: 'uq_transactions_external_id', columnNames: ['externalId'], isUnique: true },
        { name: 'ix_transactions_currency_status', columnNames: ['currency', 'status'] },
        { name: 'ix_transactions_timestamp', columnNames: ['timestamp'] },
      ],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        {
          column: 'externalId',
          code: 'EMPTY',
          condition: (externalId, sql) => `${sql.charLength(`trim(${externalId})`)} > 0`,
        },
        {
          column: 'externalId',
          code: 'TOO_SHORT',
          condition: (externalId, sql) => `${sql.charLength(`trim(${externalId})`)} >= 1`,
        },
        {
          column: 'externalId',
          code: 'TOO_LONG',
          condition: (externalId, sql) => `${sql.charLength(externalId)} <= 100`,
        },
        { column: 'amount', code: 'WRONG_TYPE', condition: (amount, sql) => sql.isNumber(amount) },
        { column: 'amount', code: 'TOO_LOW', condition: (amount) => `${amount} >= 0.01` },
        { column: 'amount', code: 'TOO_HIGH', condition: (amount) => `${amount} <= 9999999999.99` },
        { column: 'amount', code: 'TOO_PRECISE', condition: (amount) => `round(${amount}, 2) = ${amount}` },
        {
          column: 'currency',
          code: 'EMPTY',
          condition: (currency, sql) => `${sql.charLength(`trim(${currency})`)} > 0`,
        },
        {
          column: 'currency',
          code: 'NOT_ALLOWED',
          condition: (currency) => `${currency} IN ('USD', 'EUR', 'GBP', 'AUD')`,
        },
        { column: 'status', code: 'EMPTY', condition: (status, sql) => `${sql.charLength(`trim(${status})`)} > 0` },
        {
          column: 'status',
          code: 'TOO_SHORT',
          condition: (status, sql) => `${sql.charLength(`trim(${status})`)} >= 1`,
        },
        { column: 'status', code: 'TOO_LONG', condition: (status, sql) => `${sql.charLength(status)} <= 20` },
        {
          column: 'sourceChannel',
          code: 'EMPTY',
          condition: (sourceChannel, sql) => `${sql.charLength(`trim(${sourceChannel})`)} > 0`,
        },
        {
          column: 'sourceChannel',
          code: 'TOO_SHORT',
          condition: (sourceChannel, sql) => `${sql.charLength(`trim(${sourceChannel})`)} >= 1`,
        },
        {
          column: 'sourceChannel',
          code: 'TOO_LONG',
          condition: (sourceChannel, sql) => `${sql.charLength(sourceChannel)} <= 100`,
        },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('transactions', true)
  }
}
