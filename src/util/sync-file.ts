import { open } from 'node:fs/promises'

/** Puts what was written to a file on disk; a file that is not there has nothing to put. */
export async function syncFile(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.datasync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
  }
}
