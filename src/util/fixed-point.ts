/** Exact decimals as whole numbers of their last digit: `'12.30'` with two decimals is `1230n`. */

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/

/** A decimal's text in units of its last digit; digits behind `scale` must be zeros. */
export function unitsOf(text: string, scale: number): bigint {
  const [, sign, whole = '', decimals = ''] = DECIMAL.exec(text) ?? []
  if (sign === undefined || /[1-9]/.test(decimals.slice(scale)))
    throw new RangeError(`"${text}" is no decimal with ${scale} digits after its point.`)
  const units = BigInt(whole + decimals.slice(0, scale).padEnd(scale, '0'))
  return sign === '-' ? -units : units
}

/** `1230n` with two decimals is `'12.30'`. */
export function decimalOf(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const sign = units < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** The quotient, rounded to the nearest whole number, a half away from zero. */
export function dividedRounded(units: bigint, by: bigint): bigint {
  const half = by / 2n
  return units < 0n ? -((-units + half) / by) : (units + half) / by
}
