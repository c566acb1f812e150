import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeAtEnd } from './cleanup'

/** Makes an empty folder, removed after the test (after the file, in `beforeAll`) and kept when the test fails. */
export async function tempFolder(label = 'test'): Promise<string> {
  // The real path: on macOS the temporary folder is a link, and programs print where it leads.
  const folder = await realpath(await mkdtemp(join(tmpdir(), `shardyard-${label}-`)))
  removeAtEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }), { keptAs: folder })
  return folder
}
