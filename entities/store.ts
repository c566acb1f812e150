import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Intake } from '../src/columns/intake.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId } from '../src/columns/whole-number.js'

/** A store that is watched, and the clock on its wall. One that has no row is taken to be in America/Chicago. */
@Entity('stores')
export class Store {
  /** Numbered by the database; the name of the store is `storeId`. */
  @Intake({ isInternal: true })
  @GeneratedId()
  id!: number

  /** Text, whatever it looks like: numbers of 64 bits would not survive as numbers. */
  @Index('uq_stores_store_id', { unique: true })
  @Text({ max: 64, label: 'Store ID', isBinary: true })
  storeId!: string

  /** IANA name of its time zone. What is no such name is stored all the same; reports say how many there are. */
  @Intake({ aliases: ['timezone_str', 'time_zone', 'tz'], default: 'America/Chicago' })
  @Text({ max: 64 })
  timezone!: string
}
