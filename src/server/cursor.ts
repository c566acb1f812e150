/**
 * Where the next page of a list begins, as an opaque text: the place of the last item, signed, so that nobody makes up
 * one, or takes that of one list to another.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../util/make-folder.js'
import { HttpProblem } from './problem.js'

/** What a place is made of. */
export type Place = readonly (string | number)[]

const KEY_FILE = 'cursor.key'
const KEY_BYTES = 32
const SIGNATURE_BYTES = 16

export class Cursors {
  readonly #folder: string
  #key: Promise<Buffer> | undefined

  /** Servers that share a folder take each other's cursors. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** The cursor of a place in a list; `list` names the list with all that makes it another one. */
  async write(list: string, place: Place): Promise<string> {
    const text = Buffer.from(JSON.stringify(place))
    return Buffer.concat([await this.#sign(list, text), text]).toString('base64url')
  }

  /** The place of a cursor. @throws HttpProblem when it is none of this list */
  async read(list: string, cursor: string): Promise<Place> {
    const bytes = Buffer.from(cursor, 'base64url')
    const text = bytes.subarray(SIGNATURE_BYTES)
    const isOwn =
      bytes.length > SIGNATURE_BYTES &&
      timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), await this.#sign(list, text))
    if (isOwn) return JSON.parse(text.toString()) as Place
    const detail = '`after` must be the `next` of a page of the same list.'
    throw new HttpProblem('REQUEST_INVALID', detail, {
      errors: [{ pointer: '#/after', code: 'CURSOR_UNKNOWN', detail }],
    })
  }

  async #sign(list: string, text: Buffer): Promise<Buffer> {
    this.#key ??= sharedKey(this.#folder)
    const hmac = createHmac('sha256', await this.#key).update(`${Buffer.byteLength(list)} ${list}`)
    return hmac.update(text).digest().subarray(0, SIGNATURE_BYTES)
  }
}

/** The key of a folder; where nothing can be written, one of this process. */
async function sharedKey(folder: string): Promise<Buffer> {
  const path = join(folder, KEY_FILE)
  const own = randomBytes(KEY_BYTES)
  const temporary = `${path}.${own.toString('hex', 0, 8)}.tmp`
  try {
    await makeFolder(folder)
    const file = await open(temporary, 'wx', 0o600)
    await file.writeFile(own)
    await file.close()
    // Of two that make one at once, the first one's is taken by both.
    await link(temporary, path).catch(() => undefined)
    const key = await readFile(path)
    return key.length === KEY_BYTES ? key : own
  } catch {
    // Cursors then end with the process, which is all that is lost.
    return own
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}
