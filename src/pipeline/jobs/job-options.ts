/** Checks what is to be stored: past these functions nothing is optional. */
import { isDeepStrictEqual } from 'node:util'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import { jobIdOf, type ChildRule, type Json } from './job.js'
import type { NewJob, QueueOptions } from './job-queue.js'

const TEXT_BYTES_MAX = 64 * 1024
const KEY_LENGTH_MAX = 200
const DAY_MS = 86_400_000
const RULES: readonly ChildRule[] = ['fail', 'ignore', 'go-on']
const KIND = /^[a-z][a-z0-9-]{0,39}$/
const DEPTH_MAX = 8

/** A job that was checked. */
export interface ResolvedJob {
  readonly id: string
  readonly kind: string
  readonly key: string | undefined
  /** JSON. */
  readonly data: string
  readonly attempts: number
  readonly backoffMs: number
  readonly delayMs: number
  readonly children: readonly ResolvedJob[]
  readonly onChildFailure: ChildRule
}

/** `id` is that of a child, which follows from its parent's: the same family stored twice is the same jobs. */
export function resolveJob(job: NewJob, depth = 1, id = jobIdOf(job.kind, job.key)): ResolvedJob {
  const { kind, key, data, attempts = 3, backoffMs = 1_000, delayMs = 0, children = [], onChildFailure = 'fail' } = job
  if (typeof kind !== 'string' || !KIND.test(kind)) {
    throw invalid('kind', 'lower-case words joined by hyphens, at most 40 characters', kind)
  }
  if (key !== undefined && !isKey(key)) throw invalid('key', `text of 1 to ${KEY_LENGTH_MAX} printable characters`, key)
  if (key !== undefined && depth > 1) throw invalid('children', 'without keys: their parent has one', key)
  if (depth > DEPTH_MAX) throw invalid('children', `at most ${DEPTH_MAX} levels`, depth)
  return Object.freeze({
    id,
    kind,
    key,
    data: jsonText('data', data),
    attempts: checkInteger('attempts', attempts, { min: 1, max: 1_000 }),
    backoffMs: checkInteger('backoffMs', backoffMs, { min: 0, max: DAY_MS }),
    delayMs: checkInteger('delayMs', delayMs, { min: 0, max: 366 * DAY_MS }),
    children: children.map((child, at) => resolveJob(child, depth + 1, jobIdOf('child', `${id}/${at}`))),
    onChildFailure: checkRule(onChildFailure),
  })
}

export function checkRule(rule: unknown): ChildRule {
  const known = RULES.find((one) => one === rule)
  if (known === undefined) throw invalid('onChildFailure', `one of ${RULES.join(', ')}`, rule)
  return known
}

/** A value as JSON. @throws SY_OPTION_INVALID when it would not be read back the same, or is too large */
export function jsonText(option: string, value: Json): string {
  const text = tryStringify(value)
  if (text === undefined || !isDeepStrictEqual(JSON.parse(text), value)) {
    throw invalid(
      option,
      'plain JSON: no undefined, no dates, no objects of classes, no numbers beyond JSON',
      typeof value,
    )
  }
  if (Buffer.byteLength(text) <= TEXT_BYTES_MAX) return text
  throw invalid(option, `at most ${TEXT_BYTES_MAX} bytes of JSON (put more into a file)`, Buffer.byteLength(text))
}

export function resolveQueueOptions(options: QueueOptions = {}): Required<QueueOptions> {
  const { leaseMs = 30_000, crashesMax = 3, keepMs = 7 * DAY_MS } = options
  return Object.freeze({
    leaseMs: checkInteger('leaseMs', leaseMs, { min: 100, max: DAY_MS }),
    crashesMax: checkInteger('crashesMax', crashesMax, { min: 1, max: 1_000 }),
    keepMs: checkInteger('keepMs', keepMs, { min: 0, max: 3_660 * DAY_MS }),
  })
}

function isKey(key: unknown): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what is refused
  return typeof key === 'string' && key.isWellFormed() && /^[^\u0000-\u001f\u007f]{1,200}$/u.test(key)
}

function tryStringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // In a circle, too deep, or a bigint: no JSON either way.
    return undefined
  }
}

function invalid(option: string, expected: string, got: unknown): ShardyardError {
  const shown = typeof got === 'string' ? JSON.stringify(got.slice(0, 100)) : String(got)
  return new ShardyardError('SY_OPTION_INVALID', `Expected \`${option}\` of a job to be ${expected}; got ${shown}.`, {
    details: { option },
  })
}
