/** The part of a thread that ingests: chunk by chunk, from bytes to commits. */
import { read } from 'node:fs'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { ShardyardError } from '../../errors.js'
import { untilReachable } from '../bulk/until-reachable.js'
import type { SourceChunk } from '../formats/source-shape.js'
import { ChunkOrder } from './chunk-order.js'
import { ChunkReader, type PreparedRecord } from './chunk-reader.js'
import { LEFT_OUT } from './chunk-writer.js'
import type { ChunkTask, IngestStart } from './ingest-plan.js'
import { addCounts, noCounts, type PartCounts } from './part-context.js'
import { PartHome, type HomeEnvironment } from './part-home.js'

/** How the work reaches the thread around it. */
export interface ChunkEnvironment extends HomeEnvironment {
  /** Notes which record is at work, where a dying thread cannot take it along. */
  readonly atWork: (position: number | undefined) => void
  readonly stopSignal: AbortSignal
}

/** What became of a chunk in this attempt. */
export interface ChunkOutcome {
  readonly counts: PartCounts
  readonly bytes: number
  /** Indexes of databases that were down, and are written later. */
  readonly leftOut: readonly number[]
}

/** Of a record that is refused for its length so much is kept. */
const REFUSED_BYTES_MAX = 64 * 1024
/** A database that is down for so long is left out while others go on. */
const LEAVE_OUT_MS = 3_000

export class ChunkWork {
  readonly #cluster: Cluster
  readonly #start: IngestStart
  readonly #environment: ChunkEnvironment
  readonly #reader: ChunkReader
  readonly #homes: readonly PartHome[]
  readonly #order: ChunkOrder

  constructor(cluster: Cluster, start: IngestStart, environment: ChunkEnvironment) {
    this.#cluster = cluster
    this.#start = start
    this.#environment = environment
    const entity = entityOf(cluster, start.plan.entity)
    this.#reader = new ChunkReader(cluster, entity, start.plan)
    this.#homes = start.plan.databases.map(
      (name) => new PartHome(cluster, name, { entity, plan: start.plan, environment }),
    )
    this.#order = new ChunkOrder(start.order)
  }

  /** Reads a chunk and writes it to the databases of its task, each when it is the chunk's turn there. */
  async run(task: ChunkTask): Promise<ChunkOutcome> {
    const { chunk, care } = task
    const shape = this.#start.plan.files[task.plan]?.shape
    if (shape === undefined) throw new Error(`There is no file ${task.plan}.`)
    const attempt = attemptAt(task)
    this.#environment.fault('chunk', task.number, attempt)
    const bytes = await readBytes(this.#start.descriptors[task.plan] ?? -1, chunk)
    const context = { shape, care, atWork: this.#environment.atWork }
    const records = await untilReachable(this.#cluster, this.#patience(), undefined, () =>
      this.#reader.read(bytes, chunk, context),
    )
    this.#environment.fault('chunk-read', task.number, attempt)
    const counts = noCounts()
    const leftOut: number[] = []
    for (const database of task.databases) {
      const own = records.filter((record) => record.database === database)
      const written = await this.#writePart(database, task, { own, bytes })
      if (written === undefined) leftOut.push(database)
      else addCounts(counts, written)
    }
    return { counts, bytes: chunk.length, leftOut }
  }

  /** Has every database put what it took on disk. */
  async flush(): Promise<void> {
    for (const home of this.#homes) await home.flush()
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#homes.map((home) => home.close()))
  }

  /** Undefined when the database is left out. */
  async #writePart(
    database: number,
    task: ChunkTask,
    { own, bytes }: { readonly own: readonly PreparedRecord[]; readonly bytes: Buffer },
  ): Promise<PartCounts | undefined> {
    const home = this.#homes[database]
    const { mayGoOn } = this.#environment
    const turn = this.#order.turnOf(database, task.sequence, { mayGoOn, hasOneWriter: home?.hasOneWriter ?? true })
    if (own.length === 0 || home === undefined) {
      await turn.skip()
      return noCounts()
    }
    const offset = task.chunk.offset
    const work = {
      number: task.number,
      isStream: false,
      attempt: attemptAt(task),
      records: own,
      counts: noCounts(),
      rawOf: ({ source }: PreparedRecord) =>
        bytes.subarray(source.offset - offset, source.offset - offset + source.length),
      originOf: ({ source }: PreparedRecord) => this.#start.origins[task.plan]?.get(source.offset) ?? null,
    }
    const part = this.#start.parts[task.plan]?.[database] ?? -1
    const counts = await home.write(part, work, { turn, bearMs: this.#bearMs(home, task) })
    if (counts === LEFT_OUT) {
      this.#order.leaveOut(database)
      return undefined
    }
    // One that was settled before has not waited for the commits of those before it.
    if (counts === undefined) await turn.skip()
    else turn.done()
    return work.counts
  }

  /**
   * Where there are several databases for the rows, one that is down does not hold the others up. When it is written
   * later, nobody is left to be held up, and it has its time.
   */
  #bearMs({ takesRows }: PartHome, { databases }: ChunkTask): number {
    const several = this.#homes.filter((home) => home.takesRows).length > 1
    const isLater = databases.length < this.#homes.length
    return several && takesRows && !isLater ? LEAVE_OUT_MS : Number.POSITIVE_INFINITY
  }

  #patience() {
    const { waitMs, waiting, stopSignal } = this.#environment
    return {
      waitMs,
      signal: stopSignal,
      onEvent: ({ database, message }: { database: string; message: string }) => waiting(database, message),
    }
  }
}

/** For faults on purpose: 2 when a thread has died of the chunk, or the run is resumed. */
function attemptAt({ care }: ChunkTask): number {
  return care.isReplay ? 2 : 1
}

/** The class of an entity that is placed, by its name. @throws SY_ENTITY_UNKNOWN */
export function entityOf(cluster: Cluster, name: string): PlacedEntity {
  const placed = cluster.definition.placement.map(({ entity }) => entity)
  const found =
    placed.find((entity) => nameOf(entity) === name) ??
    placed.find((entity) => nameOf(entity).toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new ShardyardError(
    'SY_ENTITY_UNKNOWN',
    `No entity is named "${name}". Placed are: ${placed.map(nameOf).join(', ')}.`,
    { details: { entity: name } },
  )
}

/** The bytes of a chunk; of one that is refused as a whole only the beginning. */
export async function readBytes(descriptor: number, { offset, length, refused }: SourceChunk): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(refused === undefined ? length : Math.min(length, REFUSED_BYTES_MAX))
  for (let done = 0; done < bytes.length; ) {
    const count = await new Promise<number>((resolve, reject) =>
      read(descriptor, bytes, done, bytes.length - done, offset + done, (error, got) =>
        error === null ? resolve(got) : reject(error),
      ),
    )
    if (count === 0) throw new ShardyardError('SY_SOURCE_UNREADABLE', 'The file has become shorter while it was read.')
    done += count
  }
  return bytes
}
