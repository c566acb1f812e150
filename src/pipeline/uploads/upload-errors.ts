import { ShardyardError } from '../../errors.js'

export function unknownUpload(id: string): ShardyardError {
  return new ShardyardError('SY_UPLOAD_UNKNOWN', `No upload "${id.slice(0, 60)}" is kept. Send the file again.`, {
    details: { upload: id.slice(0, 60) },
  })
}

/** The error of a file that is not taken: too large, or another than was announced. */
export function uploadRefused(why: 'size' | 'digest', message: string): ShardyardError {
  return new ShardyardError('SY_UPLOAD_REFUSED', message, { details: { why } })
}

export function diskFull(cause?: unknown): ShardyardError {
  return new ShardyardError(
    'SY_DISK_FULL',
    'The disk has too little room for the file. Free some space, or send it to another server.',
    { cause },
  )
}

const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/** Does something to a file; a full disk is told as such. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } }
    throw FULL.has(code) || FULL.has(cause?.code) ? diskFull(error) : error
  }
}
