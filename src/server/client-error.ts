/** What is told of bytes that are no request, before any route is found. */
import type { Socket } from 'node:net'
import { randomUUID } from 'node:crypto'
import { HTTP_CODES, problemTitle, type HttpCode } from './problem.js'

const CODES: Readonly<Record<string, readonly [HttpCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The request did not come in in time.'],
}

/** Answers with a problem and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [code, detail] = CODES[error.code ?? ''] ?? ['BODY_INVALID', 'This is no HTTP request.']
  const status = HTTP_CODES[code]
  const title = problemTitle(status)
  const body = JSON.stringify({
    type: `urn:shardyard:problem:${code}`,
    title,
    status,
    detail,
    code,
    requestId: randomUUID(),
  })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
