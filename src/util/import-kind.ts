import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * The default export of a module when it is of a kind, as what `defineCluster` and its like answer; of a CommonJS file
 * that was compiled from ESM it is one level deeper. Undefined when the module exports something else.
 */
export async function importKind<T extends { readonly kind: string }>(
  path: string,
  kind: T['kind'],
): Promise<T | undefined> {
  const exported: unknown = await import(pathToFileURL(path).href)
  for (let at = exported, depth = 0; depth < 3 && typeof at === 'object' && at !== null; depth++) {
    if ((at as { kind?: unknown }).kind === kind) return at as T
    at = (at as { default?: unknown }).default
  }
  return undefined
}

/** Why a module could not be imported, as the end of a sentence. */
export function tellImportFailure(error: unknown): string {
  return `${placeOf(error)}${error instanceof Error ? error.message : String(error)}`
}

/** Where a syntax error is; it may be in a file that the module imports. Node tells the place in the stack alone. */
function placeOf(error: unknown): string {
  if (!(error instanceof SyntaxError)) return ''
  const [, file, line] = /^(.+):(\d+)\n/.exec(error.stack ?? '') ?? []
  return file === undefined || line === undefined ? '' : `line ${line} of ${basename(file)}: `
}
