import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { Product } from '../product.js'

export class CreateProducts1763600000001 implements MigrationInterface {
  static readonly entities = [Product]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'products',
      columns: [column.id(), column.text('name', 100), column.money('price'), column.createdAt(), column.updatedAt()],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        { column: 'name', code: 'EMPTY', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} > 0` },
        { column: 'name', code: 'TOO_SHORT', condition: (name, sql) => `${sql.charLength(`trim(${name})`)} >= 2` },
        { column: 'name', code: 'TOO_LONG', condition: (name, sql) => `${sql.charLength(name)} <= 100` },
        { column: 'price', code: 'WRONG_TYPE', condition: (price, sql) => sql.isNumber(price) },
        { column: 'price', code: 'TOO_LOW', condition: (price) => `${price} >= 0` },
        { column: 'price', code: 'TOO_HIGH', condition: (price) => `${price} <= 999999.99` },
        { column: 'price', code: 'TOO_PRECISE', condition: (price) => `round(${price}, 2) = ${price}` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('products', true)
  }
}
