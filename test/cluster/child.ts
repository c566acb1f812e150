import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { removeAtEnd } from '../helpers/cleanup'

const FOLDER = join(__dirname, 'children')

/** The compiled library, as child processes and worker threads import it. */
export const DIST = join(__dirname, '../../dist')

/** Starts a script of `children/` on the TypeORM of this variant; killed after the test at the latest. */
export function startChild(
  script: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): ChildProcess {
  const child = fork(join(FOLDER, script), args, {
    env: { ...process.env, DIST, ...env },
    execArgv: ['--require', join(FOLDER, 'typeorm-variant.cjs')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  removeAtEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const end = once(child, 'exit')
      child.kill('SIGKILL')
      await end
    }
  })
  return child
}

export interface ChildResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script of `children/` until it exits by itself. */
export async function runChild(
  script: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<ChildResult> {
  const child = startChild(script, args, env)
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
  ])
  return { code, stdout, stderr }
}
