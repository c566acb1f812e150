import type { IngestEvent } from '../../src/pipeline/ingest/ingest-options.js'
import type { LoadEvent } from '../../src/pipeline/runs/load-options.js'
import { cellText, type CommandIo } from './io.js'

const WIDTH = 30
const REDRAW_MS = 80

/** Tells a person how a load goes: a bar on a terminal, a line for what they should know anywhere. */
export class Progress {
  readonly #io: CommandIo
  readonly #say: (line: string) => void
  #total = 0
  #startedAt = performance.now()
  #drawnAt = 0
  #isDrawn = false
  #lastWait = ''

  /** With `isQuiet` (for `--json`) what must be said goes to standard error, and no bar is drawn. */
  constructor(io: CommandIo, isQuiet: boolean) {
    this.#io = isQuiet ? { ...io, isTerminal: false } : io
    this.#say = isQuiet ? io.err : io.out
  }

  readonly onEvent = (event: LoadEvent | IngestEvent): void => {
    switch (event.kind) {
      case 'started':
        this.#total = event.total
        this.#startedAt = performance.now()
        if (event.isResumed) this.#line(`Run ${event.run} was not finished; it is resumed.`)
        return
      case 'scanning':
        return this.#drawScan(event.file, event.bytes, event.total)
      case 'progress':
        return this.#draw(event.settled)
      case 'waiting-for-run':
        return this.#line(`Run ${event.run} of the same data is under way in another process; waiting for it.`)
      case 'waiting-for-database':
        return this.#wait(event.database, event.message)
      default:
        event satisfies never
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isDrawn) this.#io.redraw('')
    this.#isDrawn = false
  }

  #wait(database: string, message: string): void {
    const line = `Database "${database}" does not answer; waiting for it. (${message})`
    if (line === this.#lastWait) return
    this.#lastWait = line
    this.#line(line)
  }

  #line(line: string): void {
    this.end()
    this.#say(line)
  }

  #drawScan(file: string, bytes: number, total: number | undefined): void {
    const now = performance.now()
    if (!this.#io.isTerminal || now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    this.#isDrawn = true
    const share = total === undefined || total === 0 ? '' : ` ${Math.floor((100 * bytes) / total)} %`
    this.#io.redraw(`Reading ${cellText(file, 60)}:${share} ${(bytes / 2 ** 20).toFixed(0)} MiB`)
  }

  #draw(settled: number): void {
    const now = performance.now()
    if (!this.#io.isTerminal || this.#total === 0 || (now - this.#drawnAt < REDRAW_MS && settled < this.#total)) return
    this.#drawnAt = now
    this.#isDrawn = true
    const share = Math.min(1, settled / this.#total)
    const rate = settled / ((now - this.#startedAt) / 1000)
    const leftS = Math.max(0, (this.#total - settled) / rate)
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')
    const numbers = `${settled.toLocaleString('en-US')}/${this.#total.toLocaleString('en-US')}`
    this.#io.redraw(
      `${bar} ${Math.floor(share * 100)} %  ${numbers}  ${Math.round(rate).toLocaleString('en-US')}/s  ${leftS.toFixed(0)} s left`,
    )
  }
}
