/**
 * Files that were sent to the server, kept in a folder until they are not needed any more.
 *
 * States of an upload: arriving → kept → gone
 *   arriving  its content is written under its id; nobody can see it          {@link UploadStore.save}
 *   kept      its content and its record are on disk, whole                   `show`, `open`
 *   gone      removed, or not used for so long that `prune` has removed it
 *
 * 1. The record is put in its place last and removed first: an upload with a record has its content.
 * 2. What a dead process has left arriving has no record; `prune` removes it.
 * 3. Names are data and are told only. Files are named by ids that the store draws.
 */
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, readFile, rm, stat, statfs, utimes } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import { makeFolder } from '../../util/make-folder.js'
import { syncFolder } from '../../util/sync-folder.js'
import { WholeFile } from '../../util/whole-file.js'
import { diskFull, onDisk, unknownUpload, uploadRefused } from './upload-errors.js'
import { uploadName } from './upload-name.js'

/** One upload. */
export interface Upload {
  readonly id: string
  /** As its sender named it, without folders. Told only. */
  readonly name: string
  /** In hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly createdAt: Date
}

/** Options of {@link UploadStore}. */
export interface UploadOptions {
  /** @defaultValue 'data/files/uploads' */
  readonly folder?: string
  /** Largest upload. @defaultValue 10 GiB */
  readonly bytesMax?: number
  /** What is left free on the disk: no upload is taken that would leave less. @defaultValue 256 MiB */
  readonly freeBytesMin?: number
  /** How long an upload is kept after it was last used. @defaultValue a week */
  readonly keepMs?: number
}

/** What a sender says of a file beforehand. */
export interface Announced {
  /** @defaultValue 'upload' */
  readonly name?: string | undefined
  /** In hexadecimal; content with another one is not kept. */
  readonly sha256?: string | undefined
  readonly sizeBytes?: number | undefined
}

const MIB = 2 ** 20
const DAY_MS = 86_400_000
/** How much is written between two looks at the free space. */
const LOOK_BYTES = 16 * MIB
/** What arrives is written to more often than that. */
const LEFT_BEHIND_MS = 3_600_000
const ID = /^u[0-9a-f]{24}$/
const FILE = /^(u[0-9a-f]{24})\.(data|json)/

export class UploadStore {
  readonly folder: string
  readonly bytesMax: number
  readonly #freeBytesMin: number
  readonly #keepMs: number

  /** Nothing is made before the first upload is. */
  constructor(options: UploadOptions = {}) {
    const {
      folder = 'data/files/uploads',
      bytesMax = 10_240 * MIB,
      freeBytesMin = 256 * MIB,
      keepMs = 7 * DAY_MS,
    } = options
    this.folder = resolve(folder)
    this.bytesMax = checkInteger('bytesMax', bytesMax, { min: 1, max: Number.MAX_SAFE_INTEGER })
    this.#freeBytesMin = checkInteger('freeBytesMin', freeBytesMin, { min: 0, max: Number.MAX_SAFE_INTEGER })
    this.#keepMs = checkInteger('keepMs', keepMs, { min: 0, max: 3_660 * DAY_MS })
  }

  /**
   * Keeps a file. When this answers, it is on disk; when it fails, nothing is left of it.
   *
   * @throws SY_UPLOAD_REFUSED when it is too large, or not what was announced; SY_DISK_FULL; what `content` throws
   */
  async save(content: AsyncIterable<Uint8Array>, announced: Announced = {}): Promise<Upload> {
    if ((announced.sizeBytes ?? 0) > this.bytesMax) throw this.#tooLarge()
    await onDisk(() => makeFolder(this.folder))
    await this.#requireRoom(announced.sizeBytes ?? 0)
    const id = `u${randomBytes(12).toString('hex')}`
    try {
      const { sha256, sizeBytes } = await this.#write(id, content)
      if (announced.sha256 !== undefined && announced.sha256 !== sha256) {
        throw uploadRefused(
          'digest',
          `What has arrived has the SHA-256 ${sha256}, not the announced one. Send it again.`,
        )
      }
      const upload = { id, name: uploadName(announced.name ?? ''), sha256, sizeBytes, createdAt: new Date() }
      await onDisk(() => this.#record(upload))
      return upload
    } catch (error) {
      await this.remove(id)
      throw error
    }
  }

  /** @throws SY_UPLOAD_UNKNOWN */
  async show(id: string): Promise<Upload> {
    if (!ID.test(id)) throw unknownUpload(id)
    try {
      const { name, sha256, sizeBytes, createdAt } = JSON.parse(
        await readFile(this.#path(id, 'json'), 'utf8'),
      ) as Upload
      return { id, name, sha256, sizeBytes, createdAt: new Date(createdAt) }
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') throw unknownUpload(id)
      throw error
    }
  }

  /** Where the content of an upload is. */
  pathOf(id: string): string {
    if (!ID.test(id)) throw unknownUpload(id)
    return this.#path(id, 'data')
  }

  /** Opens an upload for reading, and takes note that it was used. @throws SY_UPLOAD_UNKNOWN */
  async open(id: string): Promise<FileHandle> {
    await this.show(id)
    const now = new Date()
    await utimes(this.#path(id, 'json'), now, now)
    return open(this.#path(id, 'data'), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  }

  /** Removes an upload; one that is being read can be read to its end. */
  async remove(id: string): Promise<void> {
    if (!ID.test(id)) throw unknownUpload(id)
    for (const kind of ['json', 'data'] as const) await rm(this.#path(id, kind), { force: true })
  }

  /** Removes what has not been used for long, and what was left behind; answers how many uploads. */
  async prune(): Promise<number> {
    const names = await readdir(this.folder).catch(() => [])
    const ids = new Set(names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)))
    let removed = 0
    for (const name of names) {
      const [, id = ''] = FILE.exec(name) ?? []
      const isRecord = name === `${id}.json`
      if (id === '' || (!isRecord && ids.has(id))) continue
      const found = await stat(join(this.folder, name)).catch(() => undefined)
      if (found === undefined || Date.now() - found.mtimeMs < (isRecord ? this.#keepMs : LEFT_BEHIND_MS)) continue
      if (isRecord) await this.remove(id)
      else await rm(join(this.folder, name), { force: true })
      if (isRecord) removed += 1
    }
    return removed
  }

  async #write(id: string, content: AsyncIterable<Uint8Array>): Promise<Pick<Upload, 'sha256' | 'sizeBytes'>> {
    const hash = createHash('sha256')
    const handle = await onDisk(() => open(this.#path(id, 'data'), 'wx', 0o600))
    let [sizeBytes, lookedAt] = [0, 0]
    try {
      for await (const bytes of content) {
        sizeBytes += bytes.length
        if (sizeBytes > this.bytesMax) throw this.#tooLarge()
        if (sizeBytes - lookedAt >= LOOK_BYTES) {
          lookedAt = sizeBytes
          await this.#requireRoom(0)
        }
        hash.update(bytes)
        await onDisk(() => handle.appendFile(bytes))
      }
      await onDisk(() => handle.sync())
    } finally {
      await handle.close()
    }
    return { sha256: hash.digest('hex'), sizeBytes }
  }

  async #record(upload: Upload): Promise<void> {
    const file = await WholeFile.open(this.#path(upload.id, 'json'))
    try {
      file.take(Buffer.from(JSON.stringify(upload)))
      await file.commit()
    } catch (error) {
      await file.discard()
      throw error
    }
    await syncFolder(this.folder)
  }

  async #requireRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await onDisk(() => statfs(this.folder))
    if (bavail * bsize - bytes < this.#freeBytesMin) throw diskFull()
  }

  #tooLarge(): ShardyardError {
    return uploadRefused('size', `It has more than the ${this.bytesMax} bytes that an upload may have. Split it.`)
  }

  #path(id: string, kind: 'data' | 'json'): string {
    return join(this.folder, `${id}.${kind}`)
  }
}
