import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Email } from '../src/columns/email.js'
import { CreatedAt, UpdatedAt } from '../src/columns/instant.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId } from '../src/columns/whole-number.js'

/** A person who orders. */
@Entity('users')
export class User {
  @GeneratedId()
  id!: number

  @Text({ min: 2, max: 100 })
  name!: string

  @Index('uq_users_email', { unique: true })
  @Email()
  email!: string

  @CreatedAt()
  createdAt!: Date

  @UpdatedAt()
  updatedAt!: Date
}
