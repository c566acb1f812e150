import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { removeAtEnd } from '../cleanup'
import { APIS, ERRORS, type ApiName, type Handler, type Request } from './api'
import { serve, type RequestFrame } from './connection'
import { Group } from './group'
import { groupApis } from './group-apis'
import { logApis } from './log-apis'
import { PartitionLog } from './partition-log'
import { WireWriter } from './wire'

export interface Commit {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly memberId: string
}

export interface KafkaBrokerOptions {
  /** Topics and how many partitions each has. */
  readonly topics: Readonly<Record<string, number>>
  /** The first offset of every partition. @defaultValue 0 */
  readonly startOffset?: bigint
}

interface Trouble {
  fault: number
  delayMs: number
  times: number
}

/**
 * A Kafka broker in memory that speaks the real protocol over TCP, with controls for what goes wrong in life. Logs and
 * committed offsets outlast a stop; the members of groups do not.
 */
export class KafkaBroker {
  readonly nodeId = 1
  readonly topics = new Map<string, PartitionLog[]>()
  /** Every offset that was committed, in order. */
  readonly commits: Commit[] = []
  readonly #committed = new Map<string, bigint>()
  readonly #groups = new Map<string, Group>()
  readonly #handlers: Record<ApiName, Handler>
  readonly #troubles = new Map<ApiName, Trouble[]>()
  readonly #counts = new Map<ApiName, number>()
  readonly #sockets = new Set<Socket>()
  readonly #startOffset: bigint
  #server: Server | undefined
  #running = new AbortController()
  #thawed: Promise<void> | undefined
  #thaw: () => void = () => undefined
  port = 0

  /** Stops at the end of the test. */
  static async open(options: KafkaBrokerOptions): Promise<KafkaBroker> {
    const broker = new KafkaBroker(options)
    await broker.start()
    removeAtEnd(() => broker.stop())
    return broker
  }

  private constructor({ topics, startOffset = 0n }: KafkaBrokerOptions) {
    this.#startOffset = startOffset
    for (const [topic, partitions] of Object.entries(topics)) this.createTopic(topic, partitions)
    this.#handlers = { ...logApis(this), ...groupApis(this), ApiVersions: apiVersions }
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** How many connections are open; a client has up to two. */
  get connections(): number {
    return this.#sockets.size
  }

  get stopping(): AbortSignal {
    return this.#running.signal
  }

  /** Listens; after a stop on the port that it had. */
  async start(): Promise<void> {
    this.#running = new AbortController()
    this.#server = createServer((socket) => this.#accept(socket)).listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    this.#running.abort()
    this.thaw()
    for (const group of this.#groups.values()) group.clear()
    server.close()
    this.loseConnections()
    await once(server, 'close')
  }

  loseConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Answers nothing more, and keeps every connection. */
  freeze(): void {
    this.#thawed ??= new Promise((resolve) => {
      this.#thaw = resolve
    })
  }

  thaw(): void {
    this.#thaw()
    this.#thawed = undefined
  }

  /** Answers the next `times` requests of a kind with an error code; see {@link ERRORS}. */
  failNext(api: ApiName, fault: number, times = 1): void {
    this.#trouble(api, { fault, delayMs: 0, times })
  }

  /** Takes its time for the next `times` requests of a kind. */
  delayNext(api: ApiName, delayMs: number, times = 1): void {
    this.#trouble(api, { fault: 0, delayMs, times })
  }

  /** How many requests of a kind have come. */
  requests(api: ApiName): number {
    return this.#counts.get(api) ?? 0
  }

  createTopic(topic: string, partitions: number): void {
    this.topics.set(
      topic,
      Array.from({ length: partitions }, () => new PartitionLog(this.#startOffset)),
    )
  }

  /** Adds messages without keys; null is a tombstone. */
  append(topic: string, partition: number, values: readonly (string | null)[]): void {
    const timestamp = BigInt(Date.now())
    const records = values.map((value) => ({
      timestamp,
      key: null,
      value: value === null ? null : Buffer.from(value),
      headers: [],
    }))
    this.log(topic, partition).append(records)
  }

  log(topic: string, partition: number): PartitionLog {
    const log = this.topics.get(topic)?.[partition]
    if (log === undefined) throw new Error(`There is no partition ${partition} of "${topic}".`)
    return log
  }

  committed(group: string, topic: string, partition: number): bigint | undefined {
    return this.#committed.get(JSON.stringify([group, topic, partition]))
  }

  commit(commit: Commit): void {
    const { group, topic, partition, offset } = commit
    this.commits.push(commit)
    this.#committed.set(JSON.stringify([group, topic, partition]), offset)
  }

  /** Moves a group back or forth behind its back, so that what it had comes again. */
  forceCommit(group: string, topic: string, partition: number, offset: bigint): void {
    this.#committed.set(JSON.stringify([group, topic, partition]), offset)
  }

  groupOf(name: string): Group {
    const group = this.#groups.get(name) ?? new Group()
    this.#groups.set(name, group)
    return group
  }

  /** Makes the members of all groups share out anew. */
  rebalance(): void {
    for (const group of this.#groups.values()) group.rebalance()
  }

  #trouble(api: ApiName, trouble: Trouble): void {
    this.#troubles.set(api, [...(this.#troubles.get(api) ?? []), trouble])
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    serve(socket, (frame) => this.#answer(frame))
  }

  async #answer({ key, version, clientId, body }: RequestFrame): Promise<Buffer | undefined> {
    const api = (Object.keys(APIS) as ApiName[]).find((name) => APIS[name].key === key)
    await this.#thawed
    if (api === undefined) throw new Error(`Request ${key} is not known here.`)
    this.#counts.set(api, this.requests(api) + 1)
    if (api !== 'ApiVersions' && version !== APIS[api].version)
      throw new Error(`${api} has no version ${version} here.`)
    const { fault, delayMs } = this.#nextTrouble(api)
    if (delayMs > 0) await wait(delayMs, undefined, { signal: this.stopping })
    const request: Request = { body, clientId, version, fault }
    const answer = (await this.#handlers[api](request)).bytesWritten
    // What froze meanwhile does not answer either.
    await this.#thawed
    return answer
  }

  #nextTrouble(api: ApiName): Omit<Trouble, 'times'> {
    const [next, ...rest] = this.#troubles.get(api) ?? []
    if (next === undefined) return { fault: 0, delayMs: 0 }
    next.times -= 1
    if (next.times === 0) this.#troubles.set(api, rest)
    return next
  }
}

const THROTTLED_SINCE = 1

/** A client that speaks a later version is told so in version 0, as it can read that. */
function apiVersions({ version, fault }: Request): WireWriter {
  const { key, version: latest } = APIS.ApiVersions
  const error = fault || (version > latest ? ERRORS.unsupportedVersion : ERRORS.none)
  const answer = new WireWriter().int16(error)
  answer.array(Object.values(APIS), (api) =>
    answer
      .int16(api.key)
      .int16(api.key === key ? 0 : api.version)
      .int16(api.version),
  )
  return version >= THROTTLED_SINCE && error === ERRORS.none ? answer.int32(0) : answer
}
