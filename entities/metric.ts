import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { DecimalNumber } from '../src/columns/decimal-number.js'
import { Instant } from '../src/columns/instant.js'
import { Intake } from '../src/columns/intake.js'
import { Text } from '../src/columns/text.js'
import { GeneratedId } from '../src/columns/whole-number.js'

/** One reading of a sensor or program. */
@Entity('metrics')
@Index('ix_metrics_name_recorded_at', ['name', 'recordedAt'])
export class Metric {
  @GeneratedId()
  id!: number

  /** Who measured: `sensor`. */
  @Text({ max: 50 })
  source!: string

  /** What was measured: `cpu_usage`. */
  @Intake({ aliases: ['metric_name', 'metric'] })
  @Text({ max: 100 })
  name!: string

  @Intake({ aliases: ['metric_value'], numbers: { currency: 'none' } })
  @DecimalNumber()
  value!: number

  /** When it was measured. */
  @Intake({ aliases: ['created_at', 'timestamp'], zone: 'UTC', epoch: 'either' })
  @Instant()
  recordedAt!: Date
}
