import type { MigrationInterface, QueryRunner } from 'typeorm'
import { columnsFor, createTable } from '../../src/cluster/schema/portable-table.js'
import { Order } from '../order.js'

export class CreateOrders1763600000002 implements MigrationInterface {
  static readonly entities = [Order]

  async up(runner: QueryRunner): Promise<void> {
    const column = columnsFor(runner)
    await createTable(runner, {
      name: 'orders',
      columns: [
        column.id(),
        column.bigInteger('userId'),
        column.bigInteger('productId'),
        column.integer('quantity'),
        column.createdAt(),
        column.updatedAt(),
      ],
      indices: [
        { name: 'ix_orders_user_id', columnNames: ['userId'] },
        { name: 'ix_orders_product_id', columnNames: ['productId'] },
      ],
      checks: [
        { column: 'id', code: 'WRONG_TYPE', condition: (id, sql) => sql.isInteger(id) },
        { column: 'id', code: 'TOO_LOW', condition: (id) => `${id} >= 1` },
        { column: 'id', code: 'TOO_HIGH', condition: (id) => `${id} <= 9007199254740991` },
        { column: 'userId', code: 'WRONG_TYPE', condition: (userId, sql) => sql.isInteger(userId) },
        { column: 'userId', code: 'TOO_LOW', condition: (userId) => `${userId} >= 1` },
        { column: 'userId', code: 'TOO_HIGH', condition: (userId) => `${userId} <= 9007199254740991` },
        { column: 'productId', code: 'WRONG_TYPE', condition: (productId, sql) => sql.isInteger(productId) },
        { column: 'productId', code: 'TOO_LOW', condition: (productId) => `${productId} >= 1` },
        { column: 'productId', code: 'TOO_HIGH', condition: (productId) => `${productId} <= 9007199254740991` },
        { column: 'quantity', code: 'WRONG_TYPE', condition: (quantity, sql) => sql.isInteger(quantity) },
        { column: 'quantity', code: 'TOO_LOW', condition: (quantity) => `${quantity} >= 1` },
        { column: 'quantity', code: 'TOO_HIGH', condition: (quantity) => `${quantity} <= 1000` },
      ],
    })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('orders', true)
  }
}
