import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { startCommand } from '../helpers/command'
import type { Told } from './loading'

/** `serve` and `work` as processes of their own on the files of one folder, to be killed. */
export class Processes {
  readonly #running = new Map<'serve' | 'work', ChildProcessWithoutNullStreams>()
  #url = ''

  constructor(
    private readonly folder: string,
    /** Whether jobs are run by a process of their own. */
    private readonly hasWorker: boolean,
  ) {}

  /** Starts what does not run. */
  async start(): Promise<void> {
    if (!this.#running.has('serve')) {
      const args = ['shardyard', 'serve', '--port', '0', ...(this.hasWorker ? ['--concurrency', '0'] : [])]
      const serve = this.#begin('serve', args)
      this.#url = await said(serve, /Serving at (\S+)\./)
    }
    if (this.hasWorker && !this.#running.has('work')) {
      await said(this.#begin('work', ['shardyard', 'work']), /Working off the jobs (\w+)/)
    }
  }

  /** Kills who runs the jobs, or who takes the requests. */
  async kill(who: 'serve' | 'jobs'): Promise<void> {
    const name = who === 'jobs' && this.hasWorker ? 'work' : 'serve'
    const child = this.#running.get(name)
    this.#running.delete(name)
    child?.kill('SIGKILL')
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  fetch(path: string, init: RequestInit & { readonly duplex?: 'half' } = {}): Promise<Response> {
    return fetch(`${this.#url}/api/v1${path}`, init)
  }

  async ask<T = Told>(path: string, body?: unknown): Promise<T> {
    const json = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return (await this.fetch(path, body === undefined ? {} : json)).json() as Promise<T>
  }

  /** An ingestion when it is as `isSo` says. */
  async ingestion(id: string, isSo: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      const told = await this.ask(`/ingestions/${id}`)
      if (isSo(told)) return told
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  #begin(name: 'serve' | 'work', args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = startCommand(args, { cwd: this.folder })
    child.stderr.resume()
    this.#running.set(name, child)
    return child
  }
}

/** Waits until a process says something; answers the first group of the pattern. */
async function said(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(piece)
    const found = pattern.exec(text)?.[1]
    if (found !== undefined) return found
  }
  throw new Error(`The process ended before it said ${pattern}: ${text}`)
}
