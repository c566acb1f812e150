/** The folders, by name, that files may be ingested from without being uploaded. */
import { environmentValue, type EnvironmentUrl } from '../../cluster/definition.js'
import { ShardyardError } from '../../errors.js'
import type { Roots } from './rooted-file.js'

/** Folders as they stand, or a variable with a text such as `inbox=/srv/inbox,archive=/srv/archive`. */
export type GivenRoots = Roots | EnvironmentUrl

/** Reads the variable, where it is one. @throws SY_CONFIG_INVALID */
export function resolveRoots(given: GivenRoots, environment: Readonly<Record<string, string | undefined>>): Roots {
  if (!isVariable(given)) return given
  const pairs = environmentValue(given, environment)
    .split(',')
    .filter((pair) => pair.trim() !== '')
  return Object.fromEntries(pairs.map((pair) => rootOf(pair, given.variable)))
}

/** A folder may be named `variable`; what an environment gives has a fallback, too. */
function isVariable(given: GivenRoots): given is EnvironmentUrl {
  return 'variable' in given && 'fallback' in given
}

function rootOf(pair: string, variable: string): [name: string, folder: string] {
  const [, name, folder] = /^\s*([a-z][a-z0-9-]{0,30})=(\S.*?)\s*$/.exec(pair) ?? []
  if (name !== undefined && folder !== undefined) return [name, folder]
  throw new ShardyardError(
    'SY_CONFIG_INVALID',
    `Expected ${variable} to be names and folders such as "inbox=/srv/inbox,archive=/srv/archive", got ${JSON.stringify(pair)}.`,
  )
}
