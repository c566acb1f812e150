import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { type Bytes, inflate, isGzip, type SpoolLimits } from './inflate.js'
import { sourceUnreadable } from './source-unreadable.js'

/** What spooling needs to know. */
export interface SpoolOptions {
  readonly spoolFolder: string
  readonly title: string
  readonly limits: SpoolLimits
  readonly signal?: AbortSignal | undefined
}

/** Copies a stream into a file without a name; inflates what begins like gzip. The stream is used up or destroyed. */
export async function spoolStream(stream: Readable, options: SpoolOptions): Promise<FileHandle> {
  if (options.signal !== undefined) addAbortSignal(options.signal, stream)
  let handle: FileHandle | undefined
  try {
    const path = join(options.spoolFolder, `shardyard-${randomUUID()}.spool`)
    handle = await open(path, 'wx+', 0o600)
    // From here on the file is gone when the process is, however that ends.
    await unlink(path)
    await copy(stream, handle, options)
    return handle
  } catch (error) {
    await handle?.close()
    throw error
  } finally {
    stream.destroy()
  }
}

async function copy(stream: Readable, handle: FileHandle, options: SpoolOptions): Promise<void> {
  const write = spoolWriter(handle, options)
  const { head, bytes } = await peek(stream)
  if (isGzip(head)) return inflate(bytes, write, options)
  for await (const chunk of bytes) await write(chunk)
}

function spoolWriter(handle: FileHandle, { title, limits }: SpoolOptions) {
  let written = 0
  return async (chunk: Buffer): Promise<void> => {
    if (written + chunk.length > limits.spoolBytes) {
      throw sourceUnreadable(`"${title}" has more than ${limits.spoolBytes} bytes. Split it, or raise the limit.`, {
        details: { spoolBytes: limits.spoolBytes },
      })
    }
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, done, chunk.length - done)
      done += bytesWritten
      written += bytesWritten
    }
  }
}

/** The first two bytes of a stream, and all of it from its start. */
async function peek(stream: Readable): Promise<{ readonly head: Buffer; readonly bytes: Bytes }> {
  const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  let next: IteratorResult<unknown>
  do {
    next = await chunks.next()
    if (next.done !== true) head = Buffer.concat([head, asBuffer(next.value)])
  } while (next.done !== true && head.length < 2)
  return { head, bytes: prepend(head, chunks) }
}

/** After its end an iterator goes on to say that it is at its end. */
async function* prepend(head: Buffer, chunks: AsyncIterator<unknown>): Bytes {
  if (head.length > 0) yield head
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield asBuffer(next.value)
}

function asBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return Buffer.from(chunk as string)
  throw sourceUnreadable('The stream has something else than bytes. Give a stream of bytes.')
}
