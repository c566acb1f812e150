import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { User } from '../user.js'

export class CreateUsers1763600000000 implements MigrationInterface {
  static readonly entities = [User]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'users',
      columns: [
        column.id(),
        column.text('name', 100),
        column.binaryText('email', 254),
        column.createdAt(),
        column.updatedAt(),
      ],
      indices: [{ name: 'uq_users_email', columnNames: ['email'], isUnique: true }],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        { column: 'name', code: 'EMPTY', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} > 0` },
        { column: 'name', code: 'TOO_SHORT', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} >= 2` },
        { column: 'name', code: 'TOO_LONG', condition: (name, sql) => `${sql.charLength(name)} <= 100` },
        { column: 'email', code: 'EMPTY', condition: (email, sql) => `${sql.charLength(`trim(${email})`)} > 0` },
        { column: 'email', code: 'INVALID_EMAIL', condition: (email) => `${email} LIKE '%_@_%'` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('users', true)
  }
}
