import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { IngestOptions } from 'shardyard/src/pipeline/ingest/ingest-options'
import { removeAtEnd } from '../../helpers/cleanup'
import type { Depot } from './depot'

const SCRIPT = join(__dirname, 'children/ingest.cjs')

/** What a process that ingests is started with. */
export interface ChildOptions extends Partial<IngestOptions> {
  /** Points at which it is to fail; see util/faults.ts. */
  readonly faults?: string
}

/** How a process that ingests has ended; `answer` is its account or its error. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly answer: { readonly id?: string; readonly counts?: Readonly<Record<string, number>>; readonly code?: string }
  readonly stderr: string
}

/** A process that ingests, and how it ends; killed after the test at the latest. */
export interface IngestingChild {
  readonly process: ChildProcess
  readonly end: Promise<ChildEnd>
}

export function startIngest(
  { config, folder }: Depot,
  files: readonly string[],
  { faults = '', ...options }: ChildOptions = {},
): IngestingChild {
  const { SHARDYARD_FAULTS: _faults, ...env } = process.env
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify({ config, files, options })], {
    cwd: folder,
    env: { ...env, SHARDYARD_FAULTS: faults },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  removeAtEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'exit')
    child.kill('SIGKILL')
    await end
  })
  return { process: child, end: endOf(child) }
}

async function endOf(child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }) {
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const [[code, signal], stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)])
  return { code, signal, stderr, answer: stdout === '' ? {} : (JSON.parse(stdout) as ChildEnd['answer']) }
}

/** Ingests in a process of its own, to its end. */
export function ingestAlone(depot: Depot, files: readonly string[], options: ChildOptions = {}): Promise<ChildEnd> {
  return startIngest(depot, files, options).end
}
