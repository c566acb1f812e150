/** What passes between a {@link ThreadIntake} and its thread: plain data only. */
import type { RecordIntakeOptions, RecordOutcome } from './record-intake.js'

/** What the thread is started with. */
export interface IntakeStart {
  /** The config file that it imports. */
  readonly config: string
  readonly options: RecordIntakeOptions & { readonly into: string }
}

/** What it is told. */
export type IntakeCall =
  /** Records one after the other, and the length of each in bytes. */
  | { readonly kind: 'take'; readonly id: number; readonly bytes: Uint8Array; readonly lengths: readonly number[] }
  | { readonly kind: 'close' }

/** What it answers. */
export type IntakeAnswer =
  | { readonly kind: 'open' }
  | { readonly kind: 'told'; readonly id: number; readonly told: readonly ToldOutcome[] }
  /** Of a call; without an id it could not be opened. */
  | { readonly kind: 'failed'; readonly id?: number; readonly error: ToldError }

/** Most records are accepted: then it is the key of the row alone, null where that is not known. */
export type ToldOutcome = string | null | Exclude<RecordOutcome, { outcome: 'accepted' }>

/** An error without its class, which does not pass. */
export interface ToldError {
  readonly message: string
  readonly code: unknown
  readonly details: Readonly<Record<string, unknown>>
}

export function toldOutcome(outcome: RecordOutcome): ToldOutcome {
  return outcome.outcome === 'accepted' ? (outcome.rowId ?? null) : outcome
}

export function outcomeOf(told: ToldOutcome): RecordOutcome {
  if (typeof told === 'object' && told !== null) return told
  return { outcome: 'accepted', rowId: told ?? undefined }
}
