/** `Content-Digest` (RFC 9530): the hash of a body as it was sent. */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.js'

const ENTRY = /(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/]{43}=):\s*(?=,|;|$)/

/** The SHA-256 that a request announces for its body, in hexadecimal; undefined when it announces none. */
export function announcedDigest({ headers }: FastifyRequest): string | undefined {
  const header = headers['content-digest']
  if (header === undefined) return undefined
  const text = String(header)
  const found = ENTRY.exec(text)?.[1]
  if (found !== undefined) return Buffer.from(found, 'base64').toString('hex')
  // Digests by other algorithms are nothing that we know of.
  if (!/(?:^|,)\s*sha-256\s*=/.test(text)) return undefined
  throw new HttpProblem('REQUEST_INVALID', 'Expected Content-Digest to be sha-256=:BASE64: with 32 bytes in it.')
}

/**
 * Hashes a body on its way to whoever reads it; called in the same turn in which the reading begins. The function that
 * is answered holds it against what was announced, once all of it was read.
 */
export function watchDigest(request: FastifyRequest, announced: string | undefined): () => void {
  if (announced === undefined) return () => undefined
  const hash = createHash('sha256')
  request.raw.on('data', (bytes: Buffer) => hash.update(bytes))
  return () => {
    if (hash.digest('hex') !== announced) throw digestMismatch()
  }
}

export function digestMismatch(): HttpProblem {
  return new HttpProblem('DIGEST_MISMATCH', 'What has arrived is not what Content-Digest announces. Send it again.')
}
