/** What became of a record, as the API tells it. */
import type { RecordOutcome } from '../pipeline/ingest/record-intake.js'
import type { IngestReason } from '../pipeline/ingest/ingest-reason.js'
import { HttpProblem, type ProblemError } from './problem.js'
import type { Caller } from './scope.js'

/** One line of the answer to a batch. */
export interface EventLine {
  readonly status: 'accepted' | 'duplicate' | 'rejected' | 'unavailable'
  readonly id: string | null
  readonly rejectId?: string
  readonly errors?: readonly ProblemError[]
}

/**
 * What became of a record of a batch. The row that a duplicate repeats may be somebody else's: only who may read is told
 * which one it is.
 */
export function lineOf(outcome: RecordOutcome, caller: Caller | undefined): EventLine {
  switch (outcome.outcome) {
    case 'accepted':
      return { status: 'accepted', id: outcome.rowId ?? null }
    case 'duplicate':
      return { status: 'duplicate', id: caller?.scopes.includes('read') === true ? (outcome.rowId ?? null) : null }
    case 'rejected':
      return { status: 'rejected', id: null, rejectId: outcome.rejectId, errors: outcome.reasons.map(errorOf) }
    case 'unavailable':
      return { status: 'unavailable', id: null }
    default:
      return outcome satisfies never
  }
}

/** The answer for a record that is not stored. What is no JSON is told by another status than what breaks a rule. */
export function problemOf(outcome: Extract<RecordOutcome, { outcome: 'rejected' | 'unavailable' }>): HttpProblem {
  if (outcome.outcome === 'unavailable') {
    const where = outcome.database === '' ? 'Its database' : `The database "${outcome.database}"`
    return new HttpProblem('UNAVAILABLE', `${where} does not answer. Send the event again: it is stored once.`)
  }
  const { reasons, rejectId } = outcome
  const isSyntax = reasons.some(({ code }) => code === 'INVALID_JSON')
  return new HttpProblem(isSyntax ? 'BODY_INVALID' : 'INVALID', 'The event was refused; `errors` tell why.', {
    errors: reasons.map(errorOf),
    members: { rejectId },
  })
}

function errorOf({ code, pointer, message, fix }: IngestReason): ProblemError {
  return { pointer: `#${pointer}`, code, detail: fix === '' ? message : `${message.replace(/\.$/, '')}. ${fix}` }
}
