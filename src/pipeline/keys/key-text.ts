/** The text of a key: `sy_`, its id, `_`, its secret. The id finds its row; of the secret only a hash is kept. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const SHAPE = /^sy_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/
const ANYWHERE = /sy_([0-9a-f]{12})_[A-Za-z0-9_-]*/g
const SECRET_BYTES = 32

/** A new key, by chance. */
export function newKeyText(): { readonly id: string; readonly text: string } {
  const id = randomBytes(6).toString('hex')
  return { id, text: `sy_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}` }
}

/** The id of a key; undefined for text that is none. */
export function keyIdOf(text: string): string | undefined {
  return SHAPE.exec(text)?.[1]
}

/** What is kept of a key. A secret of 256 bits by chance needs no slow hash: there is nothing to guess. */
export function keyHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Compares in a time that does not tell where the two differ. */
export function isKeyOf(text: string, hash: string): boolean {
  const [given, kept] = [Buffer.from(keyHash(text)), Buffer.from(hash)]
  return given.length === kept.length && timingSafeEqual(given, kept)
}

/** Text in which no key can be read any more; its id stays. */
export function withoutKeys(text: string): string {
  return text.includes('sy_') ? text.replace(ANYWHERE, 'sy_$1_***') : text
}
