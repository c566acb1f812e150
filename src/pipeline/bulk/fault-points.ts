/** Where an ingestion, or the intake of single records, can be made to fail while it runs. */
import { FaultCells } from '../../util/fault-cells.js'
import { faultPoints, type FaultPoint } from '../../util/faults.js'

/** What is to fail: the text of `SHARDYARD_FAULTS`, or cells that are set while the work goes on. */
export type Faults = string | SharedArrayBuffer

export const FAULT_POINTS = [
  { point: 'part-read', describe: 'The database is lost when a transaction has begun, before anything is written.' },
  { point: 'rows-written', describe: 'The database is lost when rows are written and their ledger is not.' },
  { point: 'lines-written', describe: 'The database is lost when rows and ledger are written.' },
  { point: 'before-commit', describe: 'The database is lost at the commit: nothing is stored.' },
  { point: 'committed', describe: 'The answer to the commit is lost: all is stored, and nobody was told.' },
] as const

const NAMES = FAULT_POINTS.map(({ point }) => point)

/** Cells in which all points work. */
export function faultCells(): FaultCells {
  return new FaultCells(NAMES)
}

/** The function that work calls at its points. */
export function faultPointOf(faults: Faults): FaultPoint {
  return typeof faults === 'string' ? faultPoints(faults) : new FaultCells(NAMES, faults).pointOf()
}
