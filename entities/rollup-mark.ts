import 'reflect-metadata'
import { Entity, Index } from 'typeorm'
import { Text } from '../src/columns/text.js'
import { GeneratedId, WholeNumber } from '../src/columns/whole-number.js'

/** How far a roll-up has come, and which rows it has seen. */
@Entity('rollup_marks')
@Index('uq_rollup_marks_name', ['name'], { unique: true })
export class RollupMark {
  @GeneratedId()
  id!: number

  @Text({ max: 40, isBinary: true })
  name!: string

  /** Days before this one are kept; counted since 1970-01-01. */
  @WholeNumber({ min: 0, max: 10_000_000 })
  toDay!: number

  /** Rows up to this id were there; one above it has come since. */
  @WholeNumber({ min: 0 })
  rowIdMax!: number

  /** How many rows there were up to that id: another number means that one was deleted, or committed late. */
  @WholeNumber({ min: 0 })
  rowCount!: number

  /** What is left of their ids divided by 1,000,003, added up: for the same purpose. */
  @WholeNumber({ min: 0 })
  rowIdSum!: number
}
