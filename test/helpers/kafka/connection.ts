import type { Socket } from 'node:net'
import { WireReader, WireWriter } from './wire'

/** The head of a request, and what follows it. */
export interface RequestFrame {
  readonly key: number
  readonly version: number
  readonly correlation: number
  readonly clientId: string
  readonly body: WireReader
}

const LENGTH_BYTES = 4

/**
 * Reads requests off a socket and answers them one after the other, as a broker does: a request that has to wait holds
 * up those behind it. `answer` gives the body of the response, or undefined when there is to be none.
 */
export function serve(socket: Socket, answer: (frame: RequestFrame) => Promise<Buffer | undefined>): void {
  let bytes = Buffer.alloc(0)
  let answered = Promise.resolve()
  const answerNext = async (frame: RequestFrame) => {
    const body = await answer(frame)
    if (body === undefined || socket.destroyed) return
    const response = new WireWriter().int32(frame.correlation).raw(body).bytesWritten
    socket.write(new WireWriter().bytes(response).bytesWritten)
  }
  // Why a client goes away is its own affair.
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= LENGTH_BYTES && bytes.length >= LENGTH_BYTES + bytes.readInt32BE()) {
      const end = LENGTH_BYTES + bytes.readInt32BE()
      const frame = parse(bytes.subarray(LENGTH_BYTES, end))
      bytes = bytes.subarray(end)
      // A request that cannot be read ends the connection.
      answered = answered.then(() => answerNext(frame)).catch(() => void socket.destroy())
    }
  })
}

function parse(bytes: Buffer): RequestFrame {
  const body = new WireReader(bytes)
  return { key: body.int16(), version: body.int16(), correlation: body.int32(), clientId: body.string(), body }
}
