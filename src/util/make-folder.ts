import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Like `mkdir` with `recursive`, which in Node 20 never returns for a folder that /proc or the like refuses. */
export async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(parent)
  try {
    await mkdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** False when the file, which does not exist, cannot be made with the folders that it is in, as far as can be seen. */
export function canMakeFile(file: string): boolean {
  let folder = dirname(file)
  while (!existsSync(folder)) folder = dirname(folder)
  try {
    accessSync(folder, constants.W_OK)
    // What the kernel makes up (/proc, /sys) has no room, and takes no file whatever its permissions say.
    return statSync(folder).isDirectory() && statfsSync(folder).blocks > 0
  } catch {
    return false
  }
}
