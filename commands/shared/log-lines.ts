import { printable } from '../../src/util/text-table.js'

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

/** Where a log goes: lines of JSON, as programs read them; on a terminal one short line each. */
export function logLinesTo(stream: NodeJS.WriteStream): { write(line: string): void } {
  if (!stream.isTTY) return { write: (line) => void stream.write(line) }
  return { write: (line) => void stream.write(`${shortLine(line)}\n`) }
}

/** `12:30:05 info  POST /api/v1/jobs 202 3.1 ms`; a line that is no JSON as it is. */
export function shortLine(line: string): string {
  let facts: Record<string, unknown>
  try {
    facts = JSON.parse(line) as Record<string, unknown>
  } catch {
    return printable(line.trimEnd())
  }
  const { level, time, msg, method, path, status, ms, err } = facts
  const head = `${new Date(Number(time)).toISOString().slice(11, 19)} ${(LEVELS[Number(level)] ?? '').padEnd(5)}`
  const what =
    method === undefined
      ? String(msg ?? '')
      : `${method} ${path} ${status ?? msg} ${ms === undefined ? '' : `${ms} ms`}`
  const why = (err as { code?: string; message?: string } | undefined) ?? {}
  return printable(
    [head, what.trim(), why.code, why.message].filter((part) => part !== undefined && part !== '').join(' '),
  )
}
