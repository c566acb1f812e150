/** Failing on purpose while the server runs: who may, what fails, and who is told. */
import { FAULT_POINTS, faultCells } from '../../pipeline/bulk/fault-points.js'
import { HttpProblem } from '../problem.js'
import type { LiveHub } from '../live/live-hub.js'

/** A point that fails, as the API tells it. */
export interface FaultJson {
  readonly point: string
  readonly action: 'unavailable'
  /** Out of 100. */
  readonly share: number
  readonly until: string
}

export class FaultSwitch {
  readonly #cells = faultCells()
  readonly #mayFail: boolean
  readonly #live: LiveHub
  #timer: NodeJS.Timeout | undefined

  constructor({ mayFail, live }: { readonly mayFail: boolean; readonly live: LiveHub }) {
    this.#mayFail = mayFail
    this.#live = live
  }

  /** Whether faults may be switched on: never in production, elsewhere when the server was told so. */
  get mayFail(): boolean {
    return this.#mayFail && process.env['NODE_ENV'] !== 'production'
  }

  /** What an ingestion or an intake takes as its `faults`; the empty text where nothing may fail. */
  get given(): SharedArrayBuffer | '' {
    return this.mayFail ? this.#cells.buffer : ''
  }

  list(): readonly FaultJson[] {
    return this.#cells
      .list()
      .map(({ point, share, until }) => ({ point, action: 'unavailable', share, until: until.toISOString() }))
  }

  /** Makes a point fail for a while. @throws HttpProblem */
  set(point: string, fault: { readonly share: number; readonly seconds: number }): void {
    this.#require(point)
    this.#cells.set(point, fault)
    this.#tell()
  }

  clear(point: string): void {
    this.#require(point)
    this.#cells.clear(point)
    this.#tell()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #require(point: string): void {
    if (!this.mayFail) {
      throw new HttpProblem('FAULTS_REFUSED', 'This server may not fail: it runs in production, or without --faults.')
    }
    if (FAULT_POINTS.some((known) => known.point === point)) return
    const known = FAULT_POINTS.map((one) => one.point).join(', ')
    throw new HttpProblem('NOT_FOUND', `There is no point "${point.slice(0, 40)}". Points are: ${known}.`)
  }

  /** Tells those who watch, also of faults that end by themselves. */
  #tell(): void {
    clearTimeout(this.#timer)
    const items = this.list()
    this.#live.publish('faults', { items })
    const ends = items.map(({ until }) => Date.parse(until))
    if (ends.length === 0) return
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, Math.min(...ends) - Date.now()) + 1).unref()
  }
}
