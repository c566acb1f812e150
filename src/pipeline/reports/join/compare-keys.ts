/** What rows are joined by: one value, or several in a row. Text is ordered byte by byte, as `isByteOrder` reads it. */
export type JoinKey = JoinValue | readonly JoinValue[]
export type JoinValue = string | number | bigint | Date

/** Below 0 when `a` comes first, 0 when they are the same. */
export function compareKeys(a: JoinKey, b: JoinKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (isList(a) && isList(b)) {
    for (const [index, value] of a.entries()) {
      const order = compareValues(value, b[index] as JoinValue)
      if (order !== 0) return order
    }
    return 0
  }
  return compareValues(a as JoinValue, b as JoinValue)
}

function isList(key: JoinKey): key is readonly JoinValue[] {
  return Array.isArray(key)
}

function compareValues(a: JoinValue, b: JoinValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

/** The order of UTF-8: that of code points, which is not the one of the halves that JavaScript compares. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1
  }
  return a.length - b.length
}

/** Half of a code point above U+FFFF, hence behind every one below, also those that JavaScript puts behind it. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
