import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { ClockTime } from '../src/columns/clock-time.js'
import { Intake } from '../src/columns/intake.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId, WholeNumber } from '../src/columns/whole-number.js'

/**
 * A stretch of a weekday in which a store is open, by the clock on its wall. A day may have several; a store without
 * any is open all the time. Not checked against the stores: files come in any order.
 */
@Entity('business_hours')
@Index('uq_business_hours_store_id', ['storeId', 'dayOfWeek', 'startTimeLocal', 'endTimeLocal'], { unique: true })
export class BusinessHours {
  @Intake({ isInternal: true })
  @GeneratedId()
  id!: number

  @Text({ max: 64, label: 'Store ID', isBinary: true })
  storeId!: string

  /** 0 is Monday, 6 Sunday. */
  @Intake({ aliases: ['day', 'weekday'] })
  @WholeNumber({ min: 0, max: 6 })
  dayOfWeek!: number

  @Intake({ aliases: ['start_time', 'start'] })
  @ClockTime()
  startTimeLocal!: string

  /** Earlier than the start: on the next day. Both `00:00:00`: all day long. */
  @Intake({ aliases: ['end_time', 'end'] })
  @ClockTime()
  endTimeLocal!: string
}
