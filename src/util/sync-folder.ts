import { open } from 'node:fs/promises'

/** Puts the names in a folder on disk, so that a rename in it survives a power cut; Windows does that by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
