import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Choice } from '../src/columns/choice.js'
import { Instant } from '../src/columns/instant.js'
import { Intake } from '../src/columns/intake.js'
import { Money } from '../src/columns/money.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId } from '../src/columns/whole-number.js'

/** A payment that another system has made and reports. */
@Entity('transactions')
@Index('ix_transactions_currency_status', ['currency', 'status'])
export class Transaction {
  @GeneratedId()
  id!: number

  /** Its name in the system it comes from, where case counts; the same payment is stored once. */
  @Intake({ aliases: ['transaction_id'] })
  @Index('uq_transactions_external_id', { unique: true })
  @Text({ max: 100, label: 'External ID', isBinary: true })
  externalId!: string

  /** A decimal string with two decimals: `'2500.50'`. The currency has its own column, so a sign here is refused. */
  @Intake({ numbers: { currency: 'none' } })
  @Money({ min: '0.01' })
  amount!: string

  /** Three capital letters. */
  @Intake({ default: 'USD' })
  @Choice(['USD', 'EUR', 'GBP', 'AUD'], {
    letters: 'upper',
    message: (value) => `Currency ${value} is not supported by our system`,
  })
  currency!: string

  @Intake({ default: 'PROCESSED' })
  @Text({ max: 20 })
  status!: string

  /** The way it came in: a shop, a terminal, a partner. */
  @Intake({ aliases: ['channel'] })
  @Text({ max: 100 })
  sourceChannel!: string

  /** When it was made, if its system says so. */
  @Intake({ zone: 'UTC' })
  @Index('ix_transactions_timestamp')
  @Instant({ isNullable: true, isPast: true })
  timestamp!: Date | null
}
