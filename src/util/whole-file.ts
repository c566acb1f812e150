import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { ShardyardError } from '../errors.js'

const BLOCK_BYTES = 64 * 1024

/** What to do about the usual ways a file cannot be written. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'Its folder does not exist: create the folder or choose another file.',
  ENOTDIR: 'A part of its path is not a folder: choose another file.',
  EACCES: 'Writing there is not allowed: change the permissions or choose another file.',
  EPERM: 'Writing there is not allowed: change the permissions or choose another file.',
  EROFS: 'That disk is read-only: choose a file on another one.',
  ENOSPC: 'The disk is full: free some space or choose a file on another disk.',
  EISDIR: 'It is not a regular file: choose another file.',
}

/**
 * A file that appears whole or not at all. Bytes go to a temporary file beside it; `commit` puts that in its place,
 * `discard` removes it. What was there before stays until then.
 */
export class WholeFile {
  /** Bytes taken so far. */
  sizeBytes = 0
  readonly #blocks: Buffer[] = []
  #block = Buffer.allocUnsafe(BLOCK_BYTES)
  #used = 0

  private constructor(
    readonly path: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
  ) {}

  static async open(path: string): Promise<WholeFile> {
    return reported(path, async () => {
      const there = await stat(path).catch(() => undefined)
      if (there !== undefined && !there.isFile())
        throw Object.assign(new Error('not a regular file'), { code: 'EISDIR' })
      const temporary = `${path}.${randomUUID()}.tmp`
      return new WholeFile(path, temporary, await open(temporary, 'wx'))
    })
  }

  /** Whether blocks wait to be written; the producer then awaits `flush` before it makes more. */
  get isWaiting(): boolean {
    return this.#blocks.length > 0
  }

  /** Takes bytes at once. pdfkit pushes a file's index in pieces of 20 bytes, so they are gathered into blocks. */
  take(bytes: Uint8Array): void {
    this.sizeBytes += bytes.length
    let from = 0
    while (from < bytes.length) {
      const part = bytes.subarray(from, from + BLOCK_BYTES - this.#used)
      this.#block.set(part, this.#used)
      this.#used += part.length
      from += part.length
      if (this.#used === BLOCK_BYTES) this.#closeBlock()
    }
  }

  async flush(): Promise<void> {
    await reported(this.path, async () => {
      for (const block of this.#blocks.splice(0)) await this.handle.appendFile(block)
    })
  }

  async commit(): Promise<void> {
    this.#closeBlock()
    await this.flush()
    await reported(this.path, async () => {
      await this.handle.sync()
      await this.handle.close()
      await rename(this.temporary, this.path)
    })
  }

  /** Leaves nothing behind, also after a commit that failed half way. It never hides the error that led here. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined)
    await rm(this.temporary, { force: true }).catch(() => undefined)
  }

  #closeBlock(): void {
    if (this.#used > 0) this.#blocks.push(this.#block.subarray(0, this.#used))
    this.#block = Buffer.allocUnsafe(BLOCK_BYTES)
    this.#used = 0
  }
}

/** @throws SY_OUTPUT_FAILED when the file could not be written */
export async function requireWritable(file: string): Promise<void> {
  await (await WholeFile.open(file)).discard()
}

async function reported<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
    const advice = ADVICE[code] ?? 'Choose another file or look at the cause.'
    throw new ShardyardError('SY_OUTPUT_FAILED', `"${file}" cannot be written${code && ` (${code})`}. ${advice}`, {
      cause,
      details: { file },
    })
  }
}
