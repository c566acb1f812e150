import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Instant } from '../src/columns/instant.js'
import { Intake } from '../src/columns/intake.js'
import { Money } from '../src/columns/money.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId } from '../src/columns/whole-number.js'

/** Where senders wrap what they report. */
const WRAPPERS = ['payload', 'data', 'body'] as const
const wrapped = (...names: readonly string[]) =>
  WRAPPERS.flatMap((wrapper) => names.map((name) => `/${wrapper}/${name}`))

/** Something that a client reports: what, how much, when. Senders shape it as they like. */
@Entity('events')
@Index('ix_events_timestamp', ['timestamp'])
export class Event {
  /** Numbered by the database; the `id` of a sender is another thing. */
  @Intake({ isInternal: true })
  @GeneratedId()
  id!: number

  /** Who sent it. */
  @Intake({ aliases: ['source', 'client_id'], fallbacks: ['id'], default: 'unknown' })
  @Text({ max: 100 })
  client!: string

  /** What was counted or measured. */
  @Intake({ paths: wrapped('metric'), default: 'generic_event' })
  @Text({ max: 100 })
  metric!: string

  /** A decimal string with two decimals, of either sign; finer amounts are refused. */
  @Intake({
    aliases: ['cost', 'value', 'price', 'amt'],
    paths: wrapped('amount', 'cost', 'value', 'price', 'amt'),
    default: '0.00',
  })
  @Money({ min: '-9999999999.99' })
  amount!: string

  /** When it happened. It has no default: the time of reading would change when a file is read again. */
  @Intake({
    aliases: ['date', 'ts'],
    paths: wrapped('timestamp', 'date', 'ts'),
    zone: 'UTC',
    epoch: 'either',
  })
  @Instant()
  timestamp!: Date
}
