/** The ways in which values of the library's column decorators can be wrong, for the samples of an installation. */
import type { SampleFlaw } from '../../cluster/entity-samples.js'

const NOTHING: readonly unknown[] = [undefined, '', null, '  ']
const NOT_TEXT: SampleFlaw = { code: 'NOT_TEXT', values: [['x'], { text: 'x' }, true] }
const UNSTORABLE: SampleFlaw = { code: 'UNSTORABLE', values: ['a\u0000b'] }
const MISSING: SampleFlaw = { code: 'MISSING', values: NOTHING }
const EMPTY: SampleFlaw = { code: 'EMPTY', values: NOTHING }
const AMBIGUOUS_NUMBER: SampleFlaw = { code: 'AMBIGUOUS_NUMBER', values: ['1,234', '12,500', '999,999'] }

/** `@Text({ min, max })` */
export function textFlaws(options: {
  readonly max: number
  /** @defaultValue 1 */
  readonly min?: number
  /** Whether there is no default for it. @defaultValue false */
  readonly isRequired?: boolean
}): readonly SampleFlaw[] {
  const { max, min = 1, isRequired = false } = options
  const tooShort: SampleFlaw = { code: 'TOO_SHORT', values: ['x'.repeat(min - 1)] }
  const tooLong: SampleFlaw = { code: 'TOO_LONG', values: ['x'.repeat(max + 1), '😀'.repeat(max + 1)] }
  return [NOT_TEXT, UNSTORABLE, tooLong, ...(min > 1 ? [tooShort] : []), ...(isRequired ? [EMPTY] : [])]
}

/** `@Email()` */
export function emailFlaws(): readonly SampleFlaw[] {
  const values = ['ada.example.com', 'ada@', '@example.com', 'ada@example', 'a da@example.com']
  return [NOT_TEXT, UNSTORABLE, EMPTY, { code: 'INVALID_EMAIL', values }]
}

/** `@Choice()`; `others` are not among its values. */
export function choiceFlaws(others: readonly string[]): readonly SampleFlaw[] {
  return [NOT_TEXT, { code: 'NOT_ALLOWED', values: others }]
}

/** `@Money()`; `tooLow` and `tooHigh` are beyond its limits. */
export function moneyFlaws(options: {
  readonly tooLow: readonly string[]
  readonly tooHigh: readonly string[]
  /** Whether there is no default for it. @defaultValue false */
  readonly isRequired?: boolean
}): readonly SampleFlaw[] {
  return [
    { code: 'NOT_A_NUMBER', values: ['12abc', 'NaN', 'Infinity', 'twelve', '1.2.3', true, ['12.30']] },
    AMBIGUOUS_NUMBER,
    { code: 'NUMBER_TOO_BIG', values: ['1e400', '9'.repeat(45)] },
    { code: 'TOO_LOW', values: options.tooLow },
    { code: 'TOO_HIGH', values: options.tooHigh },
    { code: 'TOO_PRECISE', values: ['12.345', 2.005, '1.999'] },
    ...(options.isRequired === true ? [MISSING] : []),
  ]
}

/** `@DecimalNumber()` */
export function decimalNumberFlaws(): readonly SampleFlaw[] {
  return [
    { code: 'NOT_A_NUMBER', values: ['45%', 'NaN', 'Infinity', 'n/a', '0x10', false, [1]] },
    AMBIGUOUS_NUMBER,
    { code: 'NUMBER_TOO_BIG', values: ['1e999', '-1e999', '1e-400'] },
    MISSING,
  ]
}

/** `@Instant()`, and moments that TypeORM sets. */
export function instantFlaws(
  options: {
    /** @defaultValue false */
    readonly isRequired?: boolean
    /** Whether moments to come are refused. @defaultValue false */
    readonly isPast?: boolean
    /** Whether a zone is declared for moments that say none. @defaultValue false */
    readonly hasZone?: boolean
  } = {},
): readonly SampleFlaw[] {
  const { isRequired = false, isPast = false, hasZone = false } = options
  const noZone: SampleFlaw = { code: 'NO_ZONE', values: ['2024-01-31 10:00:00', '2024-01-31', '2024/01/31 10:00'] }
  const inFuture: SampleFlaw = { code: 'IN_FUTURE', values: ['2999-12-31T23:59:59Z', '9999-01-01T00:00:00+03:00'] }
  return [
    { code: 'NOT_A_DATE', values: ['2024-13-45T00:00:00Z', '2023-02-29T10:00:00Z', 'yesterday', true] },
    { code: 'AMBIGUOUS_DATE', values: ['03/04/2024', '3.4.24', '04-03-2024 10:00'] },
    ...(hasZone ? [] : [noZone]),
    ...(isPast ? [inFuture] : []),
    ...(isRequired ? [MISSING] : []),
  ]
}
