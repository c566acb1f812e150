import { printable } from '../../src/util/text-table.js'

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

interface LogFacts {
  readonly level: number
  readonly time: number
  readonly msg?: string
  readonly method?: string
  readonly path?: string
  readonly status?: number
  readonly ms?: number
  readonly err?: { readonly code?: string; readonly message?: string }
}

/** Where a log goes: lines of JSON, as programs read them; on a terminal one short line each. */
export function logLinesTo(stream: NodeJS.WriteStream): { write(line: string): void } {
  if (!stream.isTTY) return { write: (line) => void stream.write(line) }
  return { write: (line) => void stream.write(`${shortLine(line)}\n`) }
}

/** `12:30:05 info  POST /api/v1/jobs 202 3.1 ms`; a line that is no JSON as it is. */
export function shortLine(line: string): string {
  let facts: LogFacts
  try {
    facts = JSON.parse(line) as LogFacts
  } catch {
    return printable(line.trimEnd())
  }
  const { level, time, msg = '', method, path = '', status, ms, err } = facts
  const head = [new Date(time).toISOString().slice(11, 19), (LEVELS[level] ?? '').padEnd(5)]
  const what = method === undefined ? [msg] : [method, path, status ?? msg, ms === undefined ? '' : `${ms} ms`]
  return printable([...head, ...what, err?.code ?? '', err?.message ?? ''].filter((part) => part !== '').join(' '))
}
