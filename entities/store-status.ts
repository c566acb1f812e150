import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Choice } from '../src/columns/choice.js'
import { Instant } from '../src/columns/instant.js'
import { Intake } from '../src/columns/intake.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId } from '../src/columns/whole-number.js'

/** A poll: whether a store answered at a moment. The index holds all that a report reads, in the order it reads it. */
@Entity('store_statuses')
@Index('uq_store_statuses_store_id_timestamp', ['storeId', 'timestamp', 'status'], { unique: true })
export class StoreStatus {
  /** Counts up, by which a roll-up knows what has come since. */
  @Intake({ isInternal: true })
  @GeneratedId()
  id!: number

  @Text({ max: 64, label: 'Store ID', isBinary: true })
  storeId!: string

  /** In UTC. One to come would move the end of every report, so it is refused. */
  @Intake({ aliases: ['timestamp_utc'], zone: 'UTC' })
  @Instant({ isPast: true })
  timestamp!: Date

  @Choice(['active', 'inactive'], { letters: 'lower' })
  status!: string
}
