import { existsSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ShardyardError } from '../errors.js'
import type { ClusterDefinition } from './definition.js'

/**
 * Imports a config file (.js, .mjs, .cjs) and answers the definition that is its default export.
 *
 * @throws SY_CONFIG_INVALID with what to do, when it is missing, cannot be imported, or exports something else
 */
export async function loadDefinition(file: string): Promise<ClusterDefinition> {
  const path = resolve(file)
  const fail = (message: string, cause?: unknown) =>
    new ShardyardError('SY_CONFIG_INVALID', `Config file "${file}": ${message}`, { cause, details: { file } })
  if (!existsSync(path)) throw fail('there is no such file. Give its path with --config.')
  if (/^\.[cm]?ts$/.test(extname(path))) {
    throw fail('it is TypeScript. Compile it ("npx tsc") and give the .js file that comes out.')
  }
  let exported: unknown
  try {
    exported = await import(pathToFileURL(path).href)
  } catch (cause) {
    throw fail(
      `it cannot be imported: ${placeOf(cause)}${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    )
  }
  const definition = defaultOf(exported)
  if (definition === undefined) {
    throw fail('its default export is no cluster definition. Write "export default defineCluster({ … })".')
  }
  return definition
}

/** Where a syntax error is; it may be in a file that the config imports. Node tells the place in the stack alone. */
function placeOf(error: unknown): string {
  if (!(error instanceof SyntaxError)) return ''
  const [, file, line] = /^(.+):(\d+)\n/.exec(error.stack ?? '') ?? []
  return file === undefined || line === undefined ? '' : `line ${line} of ${basename(file)}: `
}

/** The default export; of a CommonJS file that was compiled from ESM it is one level deeper. */
function defaultOf(exported: unknown): ClusterDefinition | undefined {
  for (let at = exported, depth = 0; depth < 3 && typeof at === 'object' && at !== null; depth++) {
    if ((at as { kind?: unknown }).kind === 'shardyard cluster') return at as ClusterDefinition
    at = (at as { default?: unknown }).default
  }
  return undefined
}
