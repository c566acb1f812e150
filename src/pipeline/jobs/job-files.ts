/**
 * The files that jobs leave: too large for a queue, found through the small result that names them.
 *
 * 1. A file stands under its name whole or not at all, and its record (size, SHA-256) is made of the bytes written.
 * 2. The name holds the number of the claim: a late worker writes a file of its own, which no result ever names. The
 *    next claim removes it.
 * 3. What is read is what was written: a file that differs from its record is not handed out.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ShardyardError } from '../../errors.js'
import { makeFolder } from '../../util/make-folder.js'
import { WholeFile } from '../../util/whole-file.js'
import type { Job } from './job.js'
import type { JobQueue } from './job-queue.js'

/** What the result of a job says of a file. */
export interface JobFile {
  readonly job: string
  /** Its name in the folder of the job. */
  readonly name: string
  readonly sizeBytes: number
  /** In hexadecimal. */
  readonly sha256: string
}

const ID = /^j[0-9a-f]{24}$/
const NAME = /^\d{1,9}-[a-z0-9][a-z0-9.-]{0,80}$/
/** The files of a job that was just made may be there before its row can be seen. */
const YOUNG_MS = 3_600_000
const VERIFIED_MAX = 1_000

/** The folder of all job files: one folder in it for each job. */
export class JobFiles {
  readonly folder: string
  /** In which state files were what their records say. */
  readonly #verified = new Map<string, string>()

  /** Nothing is made before the first file is. */
  constructor(folder = 'data/files') {
    this.folder = resolve(folder)
  }

  /** Where a claimed job may have a file written, by what makes whole files itself; `record` then tells of it. */
  async pathFor(job: Job, name: string): Promise<string> {
    const path = this.#path({ job: job.id, name: `${job.fence}-${name}` })
    const folder = join(this.folder, job.id)
    await makeFolder(folder)
    // What claims before this one have left, whole or not, no result will name any more.
    const older = (await readdir(folder)).filter((one) => Number.parseInt(one, 10) < job.fence)
    await Promise.all(older.map((one) => rm(join(folder, one), { force: true })))
    return path
  }

  /** Writes a file of a claimed job. */
  async write(job: Job, name: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<JobFile> {
    const file = await WholeFile.open(await this.pathFor(job, name))
    const hash = createHash('sha256')
    try {
      for await (const bytes of content) {
        hash.update(bytes)
        file.take(bytes)
        if (file.isWaiting) await file.flush()
      }
      await file.commit()
    } catch (error) {
      await file.discard()
      throw error
    }
    return { job: job.id, name: `${job.fence}-${name}`, sizeBytes: file.sizeBytes, sha256: hash.digest('hex') }
  }

  /** Makes sure that a file is what its record says; read again only once it was touched. @throws SY_FILE_DAMAGED */
  async verify(file: JobFile): Promise<string> {
    const path = this.#path(file)
    const found = await stat(path, { bigint: true }).catch(() => undefined)
    if (found?.isFile() !== true) throw damaged(file, 'it is not there')
    if (Number(found.size) !== file.sizeBytes) throw damaged(file, `it has ${found.size} bytes, not ${file.sizeBytes}`)
    const state = `${found.ino} ${found.ctimeNs} ${file.sha256}`
    if (this.#verified.get(path) === state) return path
    const hash = createHash('sha256')
    for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer)
    requireHash(file, hash)
    this.#verified.set(path, state)
    const [oldest] = this.#verified.keys()
    if (this.#verified.size > VERIFIED_MAX && oldest !== undefined) this.#verified.delete(oldest)
    return path
  }

  /** The content of a file, in pieces; ends with an error when it is not what its record says. @throws SY_FILE_DAMAGED */
  async *read(file: JobFile): AsyncGenerator<Buffer, void> {
    const path = this.#path(file)
    const hash = createHash('sha256')
    try {
      for await (const bytes of createReadStream(path)) {
        hash.update(bytes as Buffer)
        yield bytes as Buffer
      }
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ENOENT') throw damaged(file, 'it is not there', cause)
      throw cause
    }
    requireHash(file, hash)
  }

  /** Removes the files of jobs that are not kept any more; answers of how many. */
  async prune(queue: JobQueue): Promise<number> {
    const names = await readdir(this.folder).catch(() => [])
    let removed = 0
    for (const name of names.filter((one) => ID.test(one))) {
      const folder = join(this.folder, name)
      const made = await stat(folder).catch(() => undefined)
      if (made === undefined || Date.now() - made.mtimeMs < YOUNG_MS) continue
      if ((await queue.show(name)) !== undefined) continue
      await rm(folder, { recursive: true, force: true })
      removed += 1
    }
    return removed
  }

  /** Names come from results, which are data: none leads out of the folder. */
  #path({ job, name }: { readonly job: string; readonly name: string }): string {
    if (ID.test(job) && NAME.test(name) && !name.includes('..')) return join(this.folder, job, name)
    throw new ShardyardError('SY_INPUT_INVALID', 'A job file has a name that no job gives.', { details: { job, name } })
  }
}

/** What a result says of a file, when it is that. */
export function jobFileOf(value: unknown): JobFile | undefined {
  const { job, name, sizeBytes, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof job !== 'string' || typeof name !== 'string') return undefined
  if (typeof sizeBytes !== 'number' || typeof sha256 !== 'string') return undefined
  return { job, name, sizeBytes, sha256 }
}

function requireHash(file: JobFile, hash: Hash): void {
  if (hash.digest('hex') !== file.sha256) throw damaged(file, 'its content is another than was written')
}

function damaged({ job, name }: JobFile, why: string, cause?: unknown): ShardyardError {
  return new ShardyardError(
    'SY_FILE_DAMAGED',
    `The file "${name}" of job ${job} cannot be used: ${why}. "shardyard jobs retry" makes it anew.`,
    { cause, details: { job, name } },
  )
}
