/** Throws the sentence for a flag that is no whole number in its range. */
export function checkNumber(flag: string, value: unknown, range: { readonly min: number; readonly max: number }): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max) return
  throw new Error(`--${flag} must be a whole number from ${range.min} to ${range.max}.`)
}
