import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { removeAtEnd } from './cleanup'

const BIN_FOLDER = join(__dirname, '../../dist/commands/bin')

export interface CommandOptions {
  /** Added to the environment, which is this process's without the variables of shardyard. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export interface RunOptions extends CommandOptions {
  /** What the command reads from standard input. */
  readonly input?: string
  /** How long the command may run before it is killed and the call fails; 25 s unless said, under a test's limit. */
  readonly timeoutMs?: number
}

export interface CommandResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end: `runCommand(['simulate-insertions', '--threads', '10'])`. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const { input = '', timeoutMs = 25_000, ...rest } = options
  const child = startCommand(args, rest)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, timeoutMs)
  // A command that ends before it has read everything breaks the pipe; its exit code says why.
  child.stdin.on('error', () => {}).end(input)
  const [end, stdout, stderr] = await Promise.all([closed(child), text(child.stdout), text(child.stderr)])
  clearTimeout(timer)
  if (isLate) throw new Error(`"${args.join(' ')}" ran longer than ${timeoutMs} ms.\n${stdout}\n${stderr}`)
  return { ...end, stdout, stderr }
}

/** Starts a command and returns its process, to be watched or killed; it is killed after the test at the latest. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): ChildProcessWithoutNullStreams {
  const [bin, ...rest] = args
  const child = spawn(process.execPath, [join(BIN_FOLDER, `${bin}.js`), ...rest], {
    cwd: options.cwd,
    env: { ...foreignEnvironment(), ...options.env },
  })
  removeAtEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'exit')
    child.kill('SIGKILL')
    await end
  })
  return child
}

function closed(child: ChildProcess): Promise<Pick<CommandResult, 'code' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}

/** A developer's own SHARDYARD_… settings must not reach the commands under test. */
function foreignEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SHARDYARD_')))
}
