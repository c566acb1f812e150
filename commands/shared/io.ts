import { printable } from '../../src/util/text-table.js'

/** Where a command prints. */
export interface CommandIo {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** The one value of `--json`. */
  readonly json: (value: unknown) => void
  /** Whether standard output is a terminal that can redraw a line. */
  readonly isTerminal: boolean
  /** Redraws the last line of a terminal; nothing elsewhere. */
  readonly redraw: (line: string) => void
  /** Marks text on a terminal that has colours; leaves it elsewhere. */
  readonly colour: (name: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string) => string
}

const CODES = { green: 32, red: 31, yellow: 33, dim: 2, bold: 1 } as const

/** Prints to the process's own streams. A reader that closes its end early (`| head`) is no error. */
export function processIo(): CommandIo {
  const { stdout, stderr } = process
  const hasColour = stdout.isTTY && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb'
  return {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    ...terminalOf(stdout),
    colour: (name, text) => (hasColour ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text),
  }
}

/** Whether a stream is a terminal that can redraw its last line, and what does so. */
export function terminalOf(stream: NodeJS.WriteStream): Pick<CommandIo, 'isTerminal' | 'redraw'> {
  const isTerminal = stream.isTTY && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined
  return { isTerminal, redraw: (line) => (isTerminal ? void stream.write(`\r\u001b[K${line}`) : undefined) }
}

/** A value of a record in one cell. */
export function cellText(value: unknown, widthMax = 60): string {
  const text = printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
  return [...text].length <= widthMax ? text : `${[...text].slice(0, widthMax - 1).join('')}…`
}
