/**
 * Failing on purpose, for tests: `SHARDYARD_FAULTS=write:7=exit*1,commit=kill@20` makes the point `write` end its
 * thread at the first attempt at record 7, and the point `commit` kill the process from the 20th time on.
 * Nothing happens unless the variable is set, and it is refused when NODE_ENV is `production`.
 */
export interface FaultPoint {
  (point: string, position?: number, attempt?: number): void
}

const NONE: FaultPoint = () => undefined

interface Fault {
  readonly point: string
  readonly position: number | undefined
  readonly action: string
  /** At which time it fires; 1 is the first. */
  readonly from: number
  /** Up to which attempt at a record it fires. */
  readonly attemptsMax: number
  seen: number
}

/** Parses the text of SHARDYARD_FAULTS; the empty text gives a function that does nothing. */
export function faultPoints(text: string): FaultPoint {
  if (text === '') return NONE
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('SHARDYARD_FAULTS is refused when NODE_ENV is production.')
  const faults = text.split(',').map(parseFault)
  return (point, position, attempt = 1) => {
    for (const fault of faults) {
      if (fault.point !== point || (fault.position !== undefined && fault.position !== position)) continue
      fault.seen += 1
      if (fault.seen < fault.from || attempt > fault.attemptsMax) continue
      fire(fault.action)
    }
  }
}

function parseFault(text: string): Fault {
  const match = /^([a-z-]+)(?::(\d+))?=([a-z-]+)(?:@(\d+))?(?:\*(\d+))?$/.exec(text)
  if (match?.[1] === undefined || match[3] === undefined) throw new Error(`SHARDYARD_FAULTS: "${text}" cannot be read.`)
  const position = match[2] === undefined ? undefined : Number(match[2])
  return {
    point: match[1],
    position,
    action: match[3],
    from: Number(match[4] ?? 1),
    attemptsMax: Number(match[5] ?? Infinity),
    seen: 0,
  }
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
    default:
      throw new Error(`SHARDYARD_FAULTS: there is no action "${action}".`)
  }
}

function exhaustMemory(): never {
  const held: unknown[] = []
  for (;;) held.push(Array.from({ length: 10_000 }, (_, index) => ({ index })))
}
