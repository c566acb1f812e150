import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import type { SourceFormat } from '../formats/source-shape.js'

/** Options of {@link SampleFile} and {@link generateFile}. */
export interface SampleFileOptions {
  /** Records, without blank lines and headers. @defaultValue 1_000 */
  readonly count?: number
  /** Which records; two seeds share no unique value. @defaultValue 1 */
  readonly seed?: number
  /** Share of records with an error, 0 to 1. @defaultValue 0.1 */
  readonly invalid?: number
  /** @defaultValue 'csv' */
  readonly format?: SourceFormat
}

/** Most records of a file. */
export const COUNT_MAX = 1_000_000_000
export const SEED_MAX = 9_007_198
/** Formats that files are made in. */
export const FORMATS: readonly SourceFormat[] = ['csv', 'json', 'ndjson']

/** Fills the defaults and checks what was given. */
export function resolveSampleFileOptions(options: SampleFileOptions = {}): Readonly<Required<SampleFileOptions>> {
  const { count = 1_000, seed = 1, invalid = 0.1, format = 'csv' } = options
  if (!(typeof invalid === 'number' && invalid >= 0 && invalid <= 1)) {
    throw wrong('invalid', 'a number from 0 to 1', invalid)
  }
  if (!FORMATS.includes(format)) throw wrong('format', `one of ${FORMATS.join(', ')}`, format)
  return Object.freeze({
    count: checkInteger('count', count, { min: 1, max: COUNT_MAX }),
    seed: checkInteger('seed', seed, { min: 1, max: SEED_MAX }),
    invalid,
    format,
  })
}

function wrong(option: string, expected: string, value: unknown): ShardyardError {
  return new ShardyardError(
    'SY_OPTION_INVALID',
    `Expected \`${option}\` to be ${expected}, got ${JSON.stringify(value) ?? 'nothing'} (${typeof value}).`,
    { details: { option } },
  )
}
