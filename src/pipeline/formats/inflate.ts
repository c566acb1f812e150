import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { sourceUnreadable } from './source-unreadable.js'

/** What inflating and spooling may take at most. */
export interface SpoolLimits {
  /** Most bytes of a spool file. */
  readonly spoolBytes: number
  /** Most bytes that come out of gzip for each byte that goes in, beyond the first 10 MiB. */
  readonly inflateRatio: number
}

/** So much may come out of any gzip: small files of equal lines have any ratio. */
const FREE_BYTES = 10 * 2 ** 20

export type Bytes = AsyncIterable<Buffer>

/** Whether bytes begin like gzip. */
export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * Inflates gzip, of one member or several, and hands it to `sink`.
 *
 * @throws SY_SOURCE_UNREADABLE when it is damaged, cut off, nested, or a bomb
 */
export async function inflate(
  source: Bytes,
  sink: (chunk: Buffer) => Promise<void>,
  options: { readonly title: string; readonly limits: SpoolLimits; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { title, limits, signal } = options
  const gunzip = createGunzip()
  let [bytesIn, bytesOut] = [0, 0]
  const count = async function* (chunks: Bytes): Bytes {
    for await (const chunk of chunks) {
      bytesIn += chunk.length
      yield chunk
    }
  }
  const check = async (chunks: Bytes): Promise<void> => {
    let head = Buffer.alloc(0)
    for await (const chunk of chunks) {
      if (head.length < 2) head = Buffer.concat([head, chunk.subarray(0, 2)])
      if (isGzip(head)) throw sourceUnreadable(`"${title}" is gzip inside gzip. Unpack it once, then read it.`)
      bytesOut += chunk.length
      if (bytesOut > FREE_BYTES && bytesOut > limits.inflateRatio * bytesIn) throw tooMuch(title, limits)
      await sink(chunk)
    }
  }
  try {
    await pipeline(source, count, gunzip, check, { ...(signal && { signal }) })
  } catch (cause) {
    throw isZlib(cause) ? damaged(title, cause) : cause
  }
  if (gunzip.bytesWritten < bytesIn) {
    throw sourceUnreadable(`After the gzip data of "${title}" something follows that is no gzip. Pack it anew.`)
  }
}

function isZlib(cause: unknown): cause is Error {
  return typeof cause === 'object' && cause !== null && 'code' in cause && String(cause.code).startsWith('Z_')
}

function damaged(title: string, cause: Error): Error {
  return sourceUnreadable(`"${title}" cannot be inflated: ${cause.message}. Fetch it again, or pack it anew.`, {
    cause,
  })
}

function tooMuch(title: string, limits: SpoolLimits): Error {
  return sourceUnreadable(
    `"${title}" inflates to more than ${limits.inflateRatio} times its size. Unpack it yourself if you trust it.`,
    { details: { inflateRatio: limits.inflateRatio } },
  )
}
