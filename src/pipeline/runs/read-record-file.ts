import { createHash } from 'node:crypto'
import { constants, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { PlacedEntity } from '../../cluster/entity.js'
import type { RecordSource } from '../../cluster/record-source.js'
import { ShardyardError } from '../../errors.js'
import { arraySource } from './array-source.js'

/** The list is held in memory as a whole. */
const SIZE_MAX_MB = 64
const RECORD_MAX_MB = 1
const DEPTH_MAX = 50
const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads a JSON file that is a list of records, each with the name of its entity.
 *
 * @throws SY_INPUT_INVALID with what to do
 */
export async function readRecordFile(file: string, entities: readonly PlacedEntity[]): Promise<RecordSource> {
  const bytes = await readBounded(file)
  const items = parse(file, bytes)
  if (!Array.isArray(items)) {
    throw invalid(file, `it holds ${describe(items)}, not a list. Write [ { "entity": "User", … }, … ].`)
  }
  for (const [position, item] of items.entries()) {
    checkKeys(file, item, { position, depth: 0 })
    checkSize(file, item, { position, isSmallFile: bytes.length <= RECORD_MAX_MB * 2 ** 20 })
  }
  const identity = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return arraySource(items, entities, { title: `${basename(file)} (${items.length} records)`, identity })
}

async function readBounded(file: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, which Windows does not have, a pipe that nobody writes into would be waited for.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) throw invalid(file, 'it is not a regular file.')
      if (stats.size > SIZE_MAX_MB * 2 ** 20) {
        throw invalid(
          file,
          `it has ${Math.ceil(stats.size / 2 ** 20)} MB, and at most ${SIZE_MAX_MB} MB are read at once. Split it.`,
        )
      }
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof ShardyardError) throw cause
    throw invalid(file, `it cannot be read: ${(cause as Error).message}. Check the path and its permissions.`, cause)
  }
}

function parse(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const isText = !(cause instanceof TypeError)
    // V8 quotes the text around the error; a file may hold what should not be on a screen.
    const { message } = cause as Error
    const position = /position \d+|line \d+ column \d+/.exec(message)?.[0]
    const where = /end of JSON|Unterminated/.test(message) ? ': it ends too early' : position && `, at ${position}`
    throw invalid(
      file,
      isText ? `it is not JSON${where ?? ''}. Mend it, or write it anew.` : 'it is not UTF-8 text. Save it as UTF-8.',
    )
  }
}

function checkKeys(file: string, value: unknown, at: { readonly position: number; readonly depth: number }): void {
  if (typeof value !== 'object' || value === null) return
  if (at.depth > DEPTH_MAX)
    throw invalid(file, `record ${at.position} is nested more than ${DEPTH_MAX} levels deep. Flatten it.`)
  for (const key of Object.keys(value)) {
    if (REFUSED_KEYS.has(key))
      throw invalid(file, `record ${at.position} has the key "${key}", which is refused. Remove it.`)
    checkKeys(file, (value as Record<string, unknown>)[key], { ...at, depth: at.depth + 1 })
  }
}

/** Its line in the ledger, which repeats it in its reasons, must go into one packet of every engine. */
function checkSize(
  file: string,
  item: unknown,
  at: { readonly position: number; readonly isSmallFile: boolean },
): void {
  if (at.isSmallFile || JSON.stringify(item).length <= RECORD_MAX_MB * 2 ** 20) return
  throw invalid(file, `record ${at.position} has more than ${RECORD_MAX_MB} MB. Shorten or remove it.`)
}

function describe(value: unknown): string {
  return value === null ? 'null' : `one ${typeof value}`
}

function invalid(file: string, message: string, cause?: unknown): ShardyardError {
  return new ShardyardError('SY_INPUT_INVALID', `Data file "${file}": ${message}`, { cause, details: { file } })
}
