/** Listens to a server's stream over a real connection. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { removeAtEnd } from './cleanup'

export interface LiveMessage {
  readonly id: string | undefined
  readonly event: string
  // What is in it is for the test to say.
  readonly data: Readonly<Record<string, never>> & Readonly<Record<string, unknown>>
}

export class LiveReader {
  readonly messages: LiveMessage[] = []
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<unknown>
  readonly response: IncomingMessage
  #text = ''

  /** Connects, and is cut off at the end of the test. */
  static async open(address: string, headers: Record<string, string> = {}): Promise<LiveReader> {
    const request = get(`${address}/api/v1/stream`, { headers, agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    removeAtEnd(async () => void request.destroy())
    return new LiveReader(response)
  }

  private constructor(response: IncomingMessage) {
    this.response = response
    this.ended = new Promise((resolve) => response.once('close', resolve))
    response.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    response.on('error', () => undefined)
  }

  /** Waits for an event of a kind, of which `fits` is true. */
  async told(event: string, fits: (data: LiveMessage['data']) => boolean = () => true): Promise<LiveMessage> {
    const endsAt = performance.now() + 10_000
    for (;;) {
      const found = this.messages.find((message) => message.event === event && fits(message.data))
      if (found !== undefined) return found
      if (performance.now() > endsAt) throw new Error(`No "${event}" came: ${JSON.stringify(this.messages)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  leave(): void {
    this.response.destroy()
  }

  #take(text: string): void {
    const blocks = (this.#text + text).split('\n\n')
    this.#text = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const [event, data] = [field('event'), field('data')]
      if (event !== undefined && data !== undefined)
        this.messages.push({ id: field('id'), event, data: JSON.parse(data) as never })
    }
  }
}
