import { printableText } from '../../../util/printable-bytes.js'

const SHAPE_MAX = 40

/**
 * What a value looks like, without what it says: letters become `a` or `A`, digits `9`, the rest stays. It shows why a
 * value breaks a rule, and may stand where the value may not.
 */
export function valueShape(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = value instanceof Date ? value.toISOString() : typeof value === 'object' ? '{…}' : String(value)
  const shape = text
    .slice(0, 4 * SHAPE_MAX)
    .replaceAll(/(\p{Lu})|(\p{L}|\p{M})|\p{N}/gu, (_, capital, letter) =>
      capital !== undefined ? 'A' : letter !== undefined ? 'a' : '9',
    )
  return printableText(shape, SHAPE_MAX)
}
