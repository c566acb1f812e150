import { within } from './sleep.js'

/** A silence that is shorter than this is not taken for an outage, in milliseconds. */
const SILENCE_MIN_MS = 5_000

/** How long a caller that waits `waitMs` for a database lets it think about one statement, in milliseconds. */
export function answerLimit(waitMs: number): number {
  return Math.max(SILENCE_MIN_MS, waitMs)
}

/** What `work` answers; when that takes longer than `limitMs`, `late` throws, or lets it go on for as long again. */
export async function answered<T>(work: Promise<T>, limitMs: number, late: () => Promise<void> | never): Promise<T> {
  for (;;) {
    const answer = await within(
      work.then((value) => ({ value })),
      limitMs,
    )
    if (answer !== undefined) return answer.value
    await late()
  }
}
