import 'reflect-metadata'
import { Entity } from 'typeorm'
import { CreatedAt, UpdatedAt } from '../src/columns/instant.js'
import { Money } from '../src/columns/money.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId } from '../src/columns/whole-number.js'

/** A thing that is sold. */
@Entity('products')
export class Product {
  @GeneratedId()
  id!: number

  @Text({ min: 2, max: 100, label: 'Product name' })
  name!: string

  /** A decimal string with two decimals: `'1000.00'`. */
  @Money({ min: '0', max: '999999.99' })
  price!: string

  @CreatedAt()
  createdAt!: Date

  @UpdatedAt()
  updatedAt!: Date
}
