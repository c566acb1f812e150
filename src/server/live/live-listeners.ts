/**
 * Those who listen to the stream, each a response that does not end.
 *
 * 1. A listener costs its connection and a set's entry: no timer, no copy of an event.
 * 2. One that does not read is dropped when too much waits for it; it may come back with the id of what it has.
 * 3. None outlives the server: all end when it stops. One whose key is revoked ends at the next heartbeat.
 */
import type { ServerResponse } from 'node:http'
import { frameOf, type LiveHub } from './live-hub.js'

const { version } = require('../../../../package.json') as { version: string }

/** Above what is replayed, and far below what would hurt, a thousand slow readers at once. */
const WAITING_BYTES_MAX = 1024 * 1024
/** Proxies close a connection that is silent for longer. */
const HEARTBEAT_MS = 15_000
/** How a listener is served; `mayGoOn` is asked at each heartbeat. */
export interface Listening {
  readonly lastId: string | undefined
  readonly mayGoOn: () => Promise<boolean>
}

const HEARTBEAT = Buffer.from(': still here\n\n')
const RETRY = 'retry: 2000\n\n'

export class LiveListeners {
  readonly #hub: LiveHub
  readonly #max: number
  readonly #heartbeatMs: number
  readonly #responses = new Map<ServerResponse, Listening['mayGoOn']>()
  #heartbeat: NodeJS.Timeout | undefined

  constructor(
    hub: LiveHub,
    { max, heartbeatMs = HEARTBEAT_MS }: { readonly max: number; readonly heartbeatMs?: number },
  ) {
    this.#hub = hub
    this.#max = max
    this.#heartbeatMs = heartbeatMs
  }

  get isFull(): boolean {
    return this.#responses.size >= this.#max
  }

  /** Sends events to a response, whose head is sent, until it closes; first those after `lastId`. */
  add(response: ServerResponse, { lastId, mayGoOn }: Listening): void {
    const end = this.#hub.watch(({ frame }) => send(response, frame))
    this.#responses.set(response, mayGoOn)
    this.#heartbeat ??= setInterval(() => this.#beat(), this.#heartbeatMs).unref()
    response.once('close', () => {
      end()
      this.#responses.delete(response)
      if (this.#responses.size === 0) this.#rest()
    })
    // A client that breaks off is no error of ours.
    response.on('error', () => undefined)
    this.#greet(response, lastId)
  }

  /** Ends all of them. */
  close(): void {
    for (const response of this.#responses.keys()) response.end()
    this.#rest()
  }

  #greet(response: ServerResponse, lastId: string | undefined): void {
    const hello = { server: this.#hub.life, version }
    const missed = lastId === undefined ? undefined : this.#hub.since(lastId)
    response.write(RETRY)
    if (missed !== undefined) {
      response.write(frameOf('hello', hello))
      for (const { frame } of missed) response.write(frame)
      return
    }
    response.write(frameOf('hello', hello, this.#hub.lastId))
    if (lastId !== undefined) response.write(frameOf('reset', {}))
  }

  #beat(): void {
    for (const [response, mayGoOn] of this.#responses) {
      send(response, HEARTBEAT)
      void mayGoOn().then((may) => may || response.end())
    }
  }

  #rest(): void {
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }
}

function send(response: ServerResponse, frame: Buffer): void {
  if (response.writableLength > WAITING_BYTES_MAX) response.destroy()
  else response.write(frame)
}
