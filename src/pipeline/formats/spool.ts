import { type BigIntStats, constants, createReadStream } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { ShardyardError } from '../../errors.js'
import { checkInteger } from '../../util/check-option.js'
import { isGzip, type SpoolLimits } from './inflate.js'
import { sourceUnreadable } from './source-unreadable.js'
import { spoolStream, type SpoolOptions } from './spool-file.js'

/** Options of {@link openSource}. */
export interface OpenSourceOptions extends Partial<SpoolLimits> {
  /** Folder of spool files. @defaultValue the system's folder for temporary files */
  readonly spoolFolder?: string
  /** Name in messages. @defaultValue the name of the file, or `stream` */
  readonly title?: string
  /** Opens the file instead of its path: for files that must not be found by their name a second time. */
  readonly open?: (() => Promise<FileHandle>) | undefined
  readonly signal?: AbortSignal
}

/** Size and time of a file, to see whether it was changed. */
export interface FileStamp {
  readonly size: bigint
  readonly mtimeNs: bigint
}

/** A source that can be read at any place. */
export interface OpenedSource {
  readonly handle: FileHandle
  /** The file that was given; null for a spool file, which has no name any more. */
  readonly path: string | null
  readonly title: string
  readonly stamp: FileStamp
  /** Closes the file; a spool file is gone with it. May be called twice. */
  close(): Promise<void>
}

const GIB = 2 ** 30
const READ_BYTES = 256 * 1024

/** Fills the defaults and checks what was given. */
export function resolveOpenSourceOptions(options: OpenSourceOptions = {}) {
  const { spoolFolder = tmpdir(), title, open: opener, signal, spoolBytes = 64 * GIB, inflateRatio = 100 } = options
  return Object.freeze({
    spoolFolder,
    title,
    open: opener,
    signal,
    limits: Object.freeze({
      spoolBytes: checkInteger('spoolBytes', spoolBytes, { min: 1, max: 2 ** 50 }),
      inflateRatio: checkInteger('inflateRatio', inflateRatio, { min: 1, max: 1_100 }),
    }),
  })
}

/**
 * Opens a file or a stream so that it can be read at any place. A regular file is read where it is; gzip (told by its
 * first bytes, never by its name), pipes and streams are copied into a spool file that only this user can read.
 *
 * @throws SY_SOURCE_UNREADABLE with what to do
 */
export async function openSource(source: string | Readable, options: OpenSourceOptions = {}): Promise<OpenedSource> {
  const resolved = resolveOpenSourceOptions(options)
  resolved.signal?.throwIfAborted()
  const title = resolved.title ?? (typeof source === 'string' ? basename(source) : 'stream')
  const spool: SpoolOptions = { ...resolved, title }
  try {
    return typeof source === 'string' ? await openPath(source, spool, resolved.open) : await spooled(source, spool)
  } catch (cause) {
    if (cause instanceof ShardyardError || resolved.signal?.aborted === true) throw cause
    throw sourceUnreadable(
      `"${title}" cannot be read: ${(cause as Error).message}. Check the path and its permissions.`,
      {
        cause,
      },
    )
  }
}

/**
 * Compares a file with what it was when it was opened.
 *
 * @throws SY_SOURCE_UNREADABLE when it was changed meanwhile
 */
export async function requireUnchanged(handle: FileHandle, stamp: FileStamp, title: string): Promise<void> {
  const now = await handle.stat({ bigint: true })
  if (now.size === stamp.size && now.mtimeNs === stamp.mtimeNs) return
  throw sourceUnreadable(`"${title}" was changed while it was read. Wait until it is complete, then start again.`, {
    details: { sizeBytes: Number(stamp.size), sizeBytesNow: Number(now.size) },
  })
}

async function openPath(
  path: string,
  spool: SpoolOptions,
  opener: (() => Promise<FileHandle>) | undefined,
): Promise<OpenedSource> {
  if (opener !== undefined) return openHandle(await opener(), path, spool)
  // A pipe is opened by name in the ordinary way: that waits for its writer, instead of taking it for empty.
  if ((await stat(path)).isFIFO()) return openPipe(path, spool)
  // Nothing else that a name may lead to by now is waited for.
  return openHandle(await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)), path, spool)
}

async function openHandle(handle: FileHandle, path: string, spool: SpoolOptions): Promise<OpenedSource> {
  try {
    const stats = await handle.stat({ bigint: true })
    requireRegular(stats, spool.title)
    const head = Buffer.alloc(2)
    await handle.read(head, 0, 2, 0)
    if (!isGzip(head)) return opened(handle, { path, title: spool.title, stamp: stampOf(stats) })
    const source = await spooled(Readable.from(bytesOf(handle)), spool)
    try {
      await requireUnchanged(handle, stats, spool.title)
    } catch (error) {
      await source.close()
      throw error
    }
    await handle.close()
    return source
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openPipe(path: string, spool: SpoolOptions): Promise<OpenedSource> {
  const { signal } = spool
  // A reader that waits for a writer cannot be stopped, but it can be given one, who goes at once.
  const release = () => {
    open(path, constants.O_WRONLY | constants.O_NONBLOCK).then(
      (handle) => handle.close(),
      () => undefined,
    )
  }
  signal?.addEventListener('abort', release, { once: true })
  try {
    return await spooled(createReadStream(path), spool)
  } finally {
    signal?.removeEventListener('abort', release)
  }
}

async function spooled(stream: Readable, spool: SpoolOptions): Promise<OpenedSource> {
  const handle = await spoolStream(stream, spool)
  return opened(handle, { path: null, title: spool.title, stamp: stampOf(await handle.stat({ bigint: true })) })
}

/** All bytes of a file from its start; unlike a stream of the handle it leaves the handle open. */
async function* bytesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function requireRegular(stats: BigIntStats, title: string): void {
  if (stats.isFile()) return
  const kind = stats.isDirectory() ? 'a folder' : stats.isSocket() ? 'a socket' : 'a device'
  throw sourceUnreadable(`"${title}" is ${kind}. Give a file or a pipe.`)
}

function stampOf({ size, mtimeNs }: BigIntStats): FileStamp {
  return { size, mtimeNs }
}

function opened(handle: FileHandle, rest: Omit<OpenedSource, 'handle' | 'close'>): OpenedSource {
  let closing: Promise<void> | undefined
  const close = () => (closing ??= handle.close())
  return { ...rest, handle, close }
}
