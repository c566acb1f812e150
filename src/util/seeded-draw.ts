/**
 * A number from 0 to 2^32 - 1 that depends on a seed and a place alone, the same on every machine. Several numbers of
 * one place differ by their salt.
 */
export function seededDraw(seed: number, index: number, salt: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  hash ^= Math.imul(salt + 1, 0x27d4eb2f)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}

/** The item of a list that a draw falls on. */
export function pickBy<T>(list: readonly [T, ...T[]], draw: number): T {
  return list[draw % list.length] ?? list[0]
}
