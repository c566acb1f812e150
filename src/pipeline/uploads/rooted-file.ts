/**
 * Files of the server that a client may name: a named folder, the root, and a path in it.
 *
 * 1. What is read is a regular file inside of its root, whatever links and renames are made meanwhile: the file is
 *    opened once, by the path that all links lead to, and held against that path afterwards.
 * 2. No message tells where a root is.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import { ShardyardError } from '../../errors.js'
import { sourceUnreadable } from '../formats/source-unreadable.js'

/** Folders by name. */
export type Roots = Readonly<Record<string, string>>

/** A file in a root. */
export interface RootedPath {
  readonly root: string
  /** Relative to the root, its parts divided by slashes. */
  readonly path: string
}

/** An open file in a root, and where it is. */
export interface RootedFile {
  readonly handle: FileHandle
  readonly path: string
}

const PATH_LENGTH_MAX = 1_000
const READ_ONLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** @throws SY_OPTION_INVALID for an unknown root, or a path that leads out of it; SY_SOURCE_UNREADABLE */
export async function openRooted(roots: Roots, { root, path }: RootedPath): Promise<RootedFile> {
  const folder = await realRoot(roots, root)
  requireRelative(path)
  const real = await realpath(join(folder, path)).catch((error: unknown) =>
    Promise.reject(notReadable(root, path, error)),
  )
  if (!real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) throw leadsOut(path)
  const handle = await open(real, READ_ONLY).catch((error: unknown) => Promise.reject(notReadable(root, path, error)))
  try {
    const [opened, there, now] = await Promise.all([handle.stat(), stat(real), realpath(real)])
    if (!opened.isFile()) throw sourceUnreadable(`"${path}" in the root "${root}" is no regular file.`)
    if (now !== real || there.ino !== opened.ino || there.dev !== opened.dev) {
      throw sourceUnreadable(`"${path}" in the root "${root}" was replaced while it was opened. Try again.`)
    }
    return { handle, path: real }
  } catch (error) {
    await handle.close()
    throw error instanceof ShardyardError ? error : notReadable(root, path, error)
  }
}

async function realRoot(roots: Roots, root: string): Promise<string> {
  const folder = Object.hasOwn(roots, root) ? roots[root] : undefined
  if (folder === undefined) {
    const known = Object.keys(roots)
    const choice = known.length === 0 ? 'No root is defined' : `The roots are ${known.join(', ')}`
    throw new ShardyardError('SY_OPTION_INVALID', `There is no root "${root.slice(0, 60)}". ${choice}.`, {
      details: { option: 'root', known },
    })
  }
  return realpath(folder).catch((cause: unknown) => {
    throw sourceUnreadable(`The folder of the root "${root}" cannot be read.`, { cause })
  })
}

/** Refuses what would be understood otherwise than as a path from here on: on any platform, in any notation. */
function requireRelative(path: string): void {
  const parts = path.split('/')
  const isPlain =
    path !== '' &&
    path.length <= PATH_LENGTH_MAX &&
    !isAbsolute(path) &&
    !/^[a-z][a-z0-9+.-]*:/i.test(path) &&
    // oxlint-disable-next-line no-control-regex -- these are what is refused
    !/[\u0000-\u001f\u007f\\]/.test(path) &&
    !parts.some((part) => part === '..' || part === '.' || part === '')
  if (!isPlain) throw leadsOut(path)
}

function leadsOut(path: string): ShardyardError {
  return new ShardyardError(
    'SY_OPTION_INVALID',
    `${JSON.stringify(path.slice(0, 100))} is no path of a file in the root: give its folders and its name, divided by slashes.`,
    { details: { option: 'path' } },
  )
}

/** Without the text of the cause, which tells the whole path. */
function notReadable(root: string, path: string, cause: unknown): ShardyardError {
  const code = String((cause as { code?: unknown }).code ?? 'no reason given')
  const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read (${code})`
  return sourceUnreadable(`"${path}" in the root "${root}" ${why}.`, { cause, details: { code } })
}
