/** A stored file as an answer: the whole of it or a range, under the ETag of its content (RFC 9110, 13 and 14). */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { names } from './entity-json.js'
import { HttpProblem } from './problem.js'

/** What is sent. */
export interface SentFile {
  readonly path: string
  readonly sizeBytes: number
  /** Of its content, in hex. */
  readonly sha256: string
  readonly mediaType: string
  /** Under which a browser saves it. */
  readonly name: string
  /** Shown in the page and not saved. */
  readonly isInline: boolean
}

/** Bytes of a file, from the first to the last one of them. */
interface Span {
  readonly first: number
  readonly last: number
}

/** Answers with a file, or with as much of it as is asked for. @throws HttpProblem when the range is not in the file */
export function sendFile(request: FastifyRequest, reply: FastifyReply, file: SentFile): FastifyReply {
  const etag = `"${file.sha256}"`
  reply
    .header('etag', etag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, no-cache')
    .header('x-content-type-options', 'nosniff')
  if (names(request.headers['if-none-match'], etag, { isWeak: true })) return reply.status(304).send()
  const { range, 'if-range': ifRange } = request.headers
  const isSame = ifRange === undefined || ifRange === etag
  const span = range === undefined || !isSame ? undefined : spanOf(range, file.sizeBytes)
  const { first, last } = span ?? { first: 0, last: file.sizeBytes - 1 }
  if (span !== undefined) reply.status(206).header('content-range', `bytes ${first}-${last}/${file.sizeBytes}`)
  reply
    .header('content-type', file.mediaType)
    .header('content-length', String(last - first + 1))
    .header('content-disposition', dispositionOf(file))
    .header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
  if (request.method === 'HEAD' || file.sizeBytes === 0) return reply.send(Readable.from([]))
  return reply.send(createReadStream(file.path, { start: first, end: last }))
}

/** The one range of a header; undefined for several, or for none that can be read: then the whole file is sent. */
function spanOf(range: string, sizeBytes: number): Span | undefined {
  const [, from, to] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(range) ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined
  const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (first < sizeBytes && first <= last) return { first, last }
  const headers = { 'content-range': `bytes */${sizeBytes}` }
  throw new HttpProblem('RANGE_UNSATISFIABLE', `The file has ${sizeBytes} bytes.`, { headers })
}

function dispositionOf({ name, isInline }: SentFile): string {
  const plain = name.replace(/[^\w.-]/g, '_')
  return `${isInline ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`
}
