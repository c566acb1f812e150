import { ShardyardError } from '../errors.js'

/** The value when it is a whole number within the range; throws SY_OPTION_INVALID with a sentence otherwise. */
export function checkInteger(
  name: string,
  value: unknown,
  range: { readonly min: number; readonly max: number },
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max) return value
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected \`${name}\` to be an integer from ${range.min} to ${range.max}, got ${JSON.stringify(value) ?? 'nothing'} (${typeof value}).`,
    { details: { option: name } },
  )
}
