import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Text } from '../src/columns/text.js'
import { GeneratedId, WholeNumber } from '../src/columns/whole-number.js'

const DAY_MS = 86_400_000

/** What a roll-up keeps of one store and one whole day of UTC: sums of milliseconds, so that days add up exactly. */
@Entity('store_days')
@Index('uq_store_days_store_id_day', ['storeId', 'day'], { unique: true })
export class StoreDay {
  @GeneratedId()
  id!: number

  @Text({ max: 64, label: 'Store ID', isBinary: true })
  storeId!: string

  /** Days since 1970-01-01. */
  @WholeNumber({ min: 0, max: 10_000_000 })
  day!: number

  /** How long the store was to be open. */
  @WholeNumber({ min: 0, max: DAY_MS })
  businessMs!: number

  /** How long of that it was active. */
  @WholeNumber({ min: 0, max: DAY_MS })
  upMs!: number
}
