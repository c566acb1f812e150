import { existsSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { ShardyardError } from '../errors.js'
import { importKind, tellImportFailure } from '../util/import-kind.js'
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
  let definition: ClusterDefinition | undefined
  try {
    definition = await importKind<ClusterDefinition>(path, 'shardyard cluster')
  } catch (cause) {
    throw fail(`it cannot be imported: ${tellImportFailure(cause)}`, cause)
  }
  if (definition === undefined) {
    throw fail('its default export is no cluster definition. Write "export default defineCluster({ … })".')
  }
  return definition
}
