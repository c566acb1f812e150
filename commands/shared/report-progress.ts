import type { ReportProgress } from '../../src/pipeline/reports/write-report.js'
import { terminalOf } from './io.js'

const REDRAW_MS = 80

/** Tells a person at a terminal how far a report is: on standard error, because standard output may have the report. */
export class ReportProgressLine {
  readonly #terminal = terminalOf(process.stderr)
  #drawnAt = 0
  #isDrawn = false

  readonly onProgress = ({ phase, done, total }: ReportProgress): void => {
    const now = performance.now()
    if (!this.#terminal.isTerminal || now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    this.#isDrawn = true
    const count = done.toLocaleString('en-US')
    const of = total === undefined || total === 0 ? '' : ` of ${total.toLocaleString('en-US')}`
    const share = total === undefined || total === 0 ? '' : ` (${Math.floor((100 * done) / total)} %)`
    this.#terminal.redraw(phase === 'model' ? 'Reading …' : `${WORDS[phase]} ${count}${of}${share}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isDrawn) this.#terminal.redraw('')
    this.#isDrawn = false
  }
}

const WORDS = { parts: 'Parts made:', rows: 'Rows written:' } as const
