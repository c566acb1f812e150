import { existsSync } from 'node:fs'
import { ShardyardError } from '../../src/errors.js'

/** The files that are meant, patterns expanded, in the order given and those of a pattern by name. */
export async function expandSources(given: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const source of given) found.push(...(await expand(source)))
  return [...new Set(found)]
}

async function expand(source: string): Promise<readonly string[]> {
  if (source === '-' || existsSync(source) || !/[*?[\]{}]/.test(source)) return [source]
  const { glob } = await import('tinyglobby')
  const files = (await glob(source.replaceAll('\\', '/'), { expandDirectories: false, dot: false })).toSorted()
  if (files.length > 0) return files
  throw new ShardyardError('SY_INPUT_INVALID', `No file fits "${source}".`, { details: { source } })
}
