/** What would mend a broken rule, by its code; the reader and the normaliser say it themselves. */
const FIXES: Readonly<Record<string, string>> = {
  MISSING: 'Give it a value.',
  EMPTY: 'Give it a text.',
  WRONG_TYPE: 'Write it as what the message asks for.',
  TOO_SHORT: 'Write it out.',
  TOO_LONG: 'Shorten it.',
  TOO_LOW: 'Correct it to a value within the range.',
  TOO_HIGH: 'Correct it to a value within the range.',
  TOO_PRECISE: 'Round it.',
  UNSTORABLE: 'Take NUL characters and broken Unicode out.',
  INVALID_EMAIL: 'Write it as name@example.com.',
  NOT_ALLOWED: 'Use one of the values that are allowed.',
  IN_FUTURE: 'Correct the moment, or its time zone.',
  REFERENCE_MISSING: 'Load that row first and redrive this one, or correct the key.',
  NOT_UNIQUE: 'Use another value, or change the row that has it.',
  ID_TAKEN: 'Use another id, or leave it out and have one made.',
  REFUSED_BY_DATABASE: 'Correct what the constraint is about.',
}

/** A sentence for a code; empty where the message says it all. */
export function suggestedFix(code: string): string {
  return FIXES[code] ?? ''
}
