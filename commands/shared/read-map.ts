import { readFile } from 'node:fs/promises'
import { ShardyardError } from '../../src/errors.js'

/** A map of names to properties: `a=b,c=d`, or the JSON file with such an object. */
export async function readMap(text: string): Promise<Record<string, string>> {
  const pairs = text.includes('=') ? text.split(',').map((pair) => pair.split('=')) : await pairsOfFile(text)
  const map = new Map<string, string>()
  for (const [name, property, more] of pairs) {
    if (name === undefined || name === '' || property === undefined || property === '' || more !== undefined) {
      throw wrong(`--map: expected name=property,name=property, got "${text}".`)
    }
    map.set(name, property)
  }
  return Object.fromEntries(map)
}

async function pairsOfFile(file: string): Promise<(readonly string[])[]> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw wrong(`--map: "${file}" cannot be read as JSON: ${why}. Give name=property,… or a JSON file.`, cause)
  }
  const entries =
    typeof content === 'object' && content !== null && !Array.isArray(content) ? Object.entries(content) : []
  if (entries.length > 0 && entries.every(([, value]) => typeof value === 'string'))
    return entries as [string, string][]
  throw wrong(`--map: "${file}" must hold an object of texts: { "name": "property" }.`)
}

function wrong(message: string, cause?: unknown): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', message, { cause, details: { option: 'map' } })
}
