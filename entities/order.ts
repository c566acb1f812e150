import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { CreatedAt, UpdatedAt } from '../src/columns/instant.js'
import { References } from '../src/columns/references.js'
import { GeneratedId, WholeNumber } from '../src/columns/whole-number.js'
import { Product } from './product.js'
import { User } from './user.js'

/** A user's order of a product; user and product may live in other databases. */
@Entity('orders')
export class Order {
  @GeneratedId()
  id!: number

  @References(() => User)
  @Index('ix_orders_user_id')
  @WholeNumber({ min: 1 })
  userId!: number

  @References(() => Product)
  @Index('ix_orders_product_id')
  @WholeNumber({ min: 1 })
  productId!: number

  @WholeNumber({ min: 1, max: 1000 })
  quantity!: number

  @CreatedAt()
  createdAt!: Date

  @UpdatedAt()
  updatedAt!: Date
}
