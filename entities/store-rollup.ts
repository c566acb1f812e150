import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Text } from '../src/columns/text.js'
import { GeneratedId, WholeNumber } from '../src/columns/whole-number.js'

/** What the days of a store were computed from. A store whose hours or zone are others now is computed anew. */
@Entity('store_rollups')
@Index('uq_store_rollups_store_id', ['storeId'], { unique: true })
export class StoreRollup {
  @GeneratedId()
  id!: number

  @Text({ max: 64, label: 'Store ID', isBinary: true })
  storeId!: string

  /** Stands for its zone and hours. */
  @Text({ max: 32, isBinary: true })
  schedule!: string

  /** The first day that is kept, the first whole one after the first poll. */
  @WholeNumber({ min: 0, max: 10_000_000 })
  fromDay!: number
}
