/**
 * Failing on purpose, for tests: `SHARDYARD_FAULTS=write:7=exit*1,commit=kill@20` makes the point `write` end its
 * thread at the first attempt at record 7, and the point `commit` kill the process from the 20th time on.
 * Nothing happens unless the variable is set, and it is refused when NODE_ENV is `production`.
 *
 * - `@20` fires from the 20th time on, `@20-20` the 20th time alone.
 * - `%25` fires with a probability of 25 %: by a draw for each time, which depends on SHARDYARD_FAULTS_SEED (a whole
 *   number, 1 unless set), the point and how often it was passed, so that the same seed fails at the same places.
 * - `*2` fires at the first two attempts at a record.
 *
 * Actions: `throw`, an error that nothing knows; `unavailable`, one that every driver takes for a database that is
 * down; `exit`, the end of the thread; `kill`, that of the process; `memory`, memory that runs out.
 */
import { seededDraw } from './seeded-draw.js'

export interface FaultPoint {
  (point: string, position?: number, attempt?: number): void
}

const NONE: FaultPoint = () => undefined

interface Fault {
  readonly point: string
  readonly position: number | undefined
  readonly action: string
  /** Out of 100. */
  readonly share: number
  /** At which time it fires; 1 is the first. */
  readonly from: number
  readonly until: number
  /** Up to which attempt at a record it fires. */
  readonly attemptsMax: number
  seen: number
}

/** Parses the text of SHARDYARD_FAULTS; the empty text gives a function that does nothing. */
export function faultPoints(text: string): FaultPoint {
  if (text === '') return NONE
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('SHARDYARD_FAULTS is refused when NODE_ENV is production.')
  const seed = parseSeed(process.env['SHARDYARD_FAULTS_SEED'] ?? '1')
  const faults = text.split(',').map(parseFault)
  return (point, position, attempt = 1) => {
    for (const fault of faults) {
      if (fault.point !== point || (fault.position !== undefined && fault.position !== position)) continue
      fault.seen += 1
      if (fault.seen < fault.from || fault.seen > fault.until || attempt > fault.attemptsMax) continue
      if (fault.share < 100 && !isDrawn(fault, seed)) continue
      fire(fault.action)
    }
  }
}

function parseFault(text: string): Fault {
  const match = /^([a-z-]+)(?::(\d+))?=([a-z-]+)(?:%(\d{1,3}))?(?:@(\d+)(?:-(\d+))?)?(?:\*(\d+))?$/.exec(text)
  const share = Number(match?.[4] ?? 100)
  if (match?.[1] === undefined || match[3] === undefined || share > 100)
    throw new Error(`SHARDYARD_FAULTS: "${text}" cannot be read.`)
  const position = match[2] === undefined ? undefined : Number(match[2])
  return {
    point: match[1],
    position,
    action: match[3],
    share,
    from: Number(match[5] ?? 1),
    until: Number(match[6] ?? Infinity),
    attemptsMax: Number(match[7] ?? Infinity),
    seen: 0,
  }
}

function parseSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`SHARDYARD_FAULTS_SEED: expected a whole number of up to nine digits, got "${text}".`)
}

/** Whether a fault fires at the time that it is passed for. */
export function isDrawn({ point, seen, share }: Pick<Fault, 'point' | 'seen' | 'share'>, seed: number): boolean {
  let salt = 0
  for (const character of point) salt = (Math.imul(salt, 31) + character.charCodeAt(0)) >>> 0
  return seededDraw(seed, seen, salt) % 100 < share
}

function fire(action: string): void {
  switch (action) {
    case 'exit':
      // In a worker thread this ends the thread, not the process.
      return process.exit(13)
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      return
    case 'memory':
      return exhaustMemory()
    case 'throw':
      throw new Error('A fault that was asked for.')
    case 'unavailable':
      throw unavailable()
    default:
      throw new Error(`SHARDYARD_FAULTS: there is no action "${action}".`)
  }
}

/** SQLite tells an outage by its code, the servers by their words. */
export function unavailable(): Error {
  const message = 'A fault that was asked for: connection terminated, server closed.'
  return Object.assign(new Error(message), { code: 'SQLITE_IOERR' })
}

function exhaustMemory(): never {
  const held: unknown[] = []
  for (;;) held.push(Array.from({ length: 10_000 }, (_, index) => ({ index })))
}
