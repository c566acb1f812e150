import type { IngestEvent } from '../ingest/ingest-options.js'
import type { LoadEvent } from '../runs/load-options.js'
import { RateMeter } from '../../util/rate-meter.js'
import type { JobProgress } from './job.js'

/** Tells what a load does as the progress of its job. */
export class LoadProgress {
  readonly #tell: (progress: JobProgress) => void
  readonly #rate = new RateMeter()
  #known: JobProgress = { done: 0 }

  constructor(tell: (progress: JobProgress) => void) {
    this.#tell = tell
  }

  readonly onEvent = (event: IngestEvent | LoadEvent): void => {
    switch (event.kind) {
      case 'scanning':
        this.#note(`reading, ${shareOf(event)}`)
        break
      case 'started':
        this.#known = { done: 0, total: event.total, run: event.run }
        this.#tell(this.#known)
        break
      case 'progress':
        this.#count(event.settled, 'rejected' in event ? event.rejected : undefined)
        break
      case 'waiting-for-run':
        this.#note(`waiting for run ${event.run}, which loads the same`)
        break
      case 'waiting-for-database':
        // Why it does not answer may name addresses.
        this.#note(`waiting for the database "${event.database}"`)
        break
      default:
        event satisfies never
    }
  }

  #count(done: number, rejected: number | undefined): void {
    const { note: _, ...known } = this.#known
    const recordsPerSecond = this.#rate.at(done)
    this.#known = {
      ...known,
      done,
      ...(rejected === undefined ? {} : { rejected }),
      ...(recordsPerSecond === undefined ? {} : { recordsPerSecond: Math.round(recordsPerSecond) }),
    }
    this.#tell(this.#known)
  }

  #note(note: string): void {
    this.#known = { ...this.#known, note }
    this.#tell(this.#known)
  }
}

function shareOf({ bytes, total }: { readonly bytes: number; readonly total: number | undefined }): string {
  return total === undefined || total === 0 ? `${bytes} bytes so far` : `${Math.floor((bytes / total) * 100)} %`
}
