/** The part of a thread that ingests: chunk by chunk, from bytes to commits. */
import { read } from 'node:fs'
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import type { Connection, Driver } from '../../drivers/driver.js'
import { driverOf } from '../../drivers/registry.js'
import { ShardyardError } from '../../errors.js'
import type { FaultPoint } from '../../util/faults.js'
import type { WritePlan } from '../bulk/messages.js'
import { untilReachable } from '../bulk/until-reachable.js'
import { strayPlan, writePlanOf } from '../bulk/write-plan.js'
import type { SourceChunk } from '../formats/source-shape.js'
import { ChunkOrder } from './chunk-order.js'
import { ChunkReader, type PreparedRecord } from './chunk-reader.js'
import { ChunkWriter, type PartContext, type PartCounts } from './chunk-writer.js'
import { DatabasePolicy } from './database-policy.js'
import type { ChunkTask, IngestStart } from './ingest-plan.js'
import type { IngestReason } from './ingest-reason.js'

/** How the work reaches the thread around it. */
export interface ChunkEnvironment {
  readonly waitMs: number
  readonly fault: FaultPoint
  /** Notes which record is at work, where a dying thread cannot take it along. */
  readonly atWork: (position: number | undefined) => void
  readonly waiting: (database: string, message: string) => void
  /** How long a database may leave a statement waiting, in milliseconds. */
  readonly answerMs: () => number
  /** Returns when work may go on; throws when it is to stop. */
  readonly mayGoOn: () => Promise<void>
  readonly stopSignal: AbortSignal
}

/** What became of a chunk in this attempt. */
export interface ChunkOutcome {
  readonly counts: PartCounts
  readonly bytes: number
  /** Indexes of databases that were down, and are written later. */
  readonly leftOut: readonly number[]
}

/** A database of an ingestion, as one thread has it. */
interface Home {
  readonly name: string
  readonly driver: Driver
  /** The table of the entity; undefined where only lines are written. */
  readonly plan: WritePlan | undefined
  readonly spec: WritePlan['connection']
  readonly policy: DatabasePolicy
  readonly writer: ChunkWriter
  connection: Connection | undefined
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
  readonly #homes: readonly Home[]
  readonly #order: ChunkOrder

  constructor(cluster: Cluster, start: IngestStart, environment: ChunkEnvironment) {
    this.#cluster = cluster
    this.#start = start
    this.#environment = environment
    const entity = entityOf(cluster, start.plan.entity)
    this.#reader = new ChunkReader(cluster, entity, start.plan)
    this.#homes = start.plan.databases.map((name) => this.#homeOf(name, entity))
    this.#order = new ChunkOrder(start.order)
  }

  /** Reads a chunk and writes it to the databases of its task, each when it is the chunk's turn there. */
  async run(task: ChunkTask): Promise<ChunkOutcome> {
    const { chunk, care } = task
    const shape = this.#start.plan.files[task.plan]?.shape
    if (shape === undefined) throw new Error(`There is no file ${task.plan}.`)
    this.#environment.fault('chunk', task.number)
    const bytes = await readBytes(this.#start.descriptors[task.plan] ?? -1, chunk)
    const context = { shape, care, atWork: this.#environment.atWork }
    const records = await untilReachable(this.#cluster, this.#patience(), undefined, () =>
      this.#reader.read(bytes, chunk, context),
    )
    this.#environment.fault('chunk-read', task.number)
    const counts: PartCounts = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
    const leftOut: number[] = []
    for (const database of task.databases) {
      const own = records.filter((record) => record.database === database)
      const written = await this.#writePart(database, task, { own, bytes })
      if (written === undefined) leftOut.push(database)
      else addTo(counts, written)
    }
    return { counts, bytes: chunk.length, leftOut }
  }

  /** Has every database put what it took on disk. */
  async flush(): Promise<void> {
    for (const { connection } of this.#homes) await connection?.flush()
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#homes.map((home) => this.#dropConnection(home)))
  }

  /** Undefined when the database is left out. */
  async #writePart(
    database: number,
    task: ChunkTask,
    { own, bytes }: { readonly own: readonly PreparedRecord[]; readonly bytes: Buffer },
  ): Promise<Partial<PartCounts> | undefined> {
    const { mayGoOn } = this.#environment
    if (!(await this.#order.take(database, task.sequence, mayGoOn))) return own.length === 0 ? {} : undefined
    const home = this.#homes[database]
    if (own.length === 0 || home === undefined) {
      this.#order.pass(database, task.sequence)
      return {}
    }
    const offset = task.chunk.offset
    const work = {
      number: task.number,
      records: own,
      rawOf: ({ source }: PreparedRecord) =>
        bytes.subarray(source.offset - offset, source.offset - offset + source.length),
      originOf: () => null,
    }
    const counts = await home.policy.run(async () => {
      if (this.#isToBeLeftOut(home)) return LEFT_OUT
      return home.writer.write(await this.#contextOf(home, database, task), work)
    })
    if (counts === LEFT_OUT) {
      this.#order.leaveOut(database)
      return undefined
    }
    this.#order.pass(database, task.sequence)
    return counts ?? {}
  }

  /** Where there are several databases for the rows, one that is down does not hold the others up. */
  #isToBeLeftOut({ plan, policy }: Home): boolean {
    const several = this.#homes.filter((home) => home.plan !== undefined).length > 1
    return several && plan !== undefined && policy.downMs > LEAVE_OUT_MS
  }

  async #contextOf(home: Home, database: number, { plan: file, number }: ChunkTask): Promise<PartContext> {
    const { driver } = home
    const { fault } = this.#environment
    const { dedupe, ledger } = this.#start.plan
    home.connection ??= await driver.connect(home.spec, this.#environment.answerMs)
    return {
      connection: home.connection,
      dialect: driver.dialect,
      plan: home.plan,
      dedupe,
      ledger,
      part: this.#start.parts[file]?.[database] ?? -1,
      isUnique: (error) => driver.faultOf(error).kind === 'unique',
      refusalOf: (error) => this.#refusalOf(home, error),
      fault: (point) => fault(point, number),
    }
  }

  #refusalOf({ name, driver, plan }: Home, error: unknown): IngestReason | undefined {
    const { kind } = driver.faultOf(error)
    if (!OF_THE_DATA.has(kind)) return undefined
    const table = driver.dialect.quote(plan?.table ?? '')
    const told = this.#cluster.member(name).translated(error, `INSERT INTO ${table} `, undefined)
    const [reason] = told instanceof ShardyardError ? (told.details['reasons'] as IngestReason[]) : []
    const message = `The database refused it: ${error instanceof Error ? error.message : String(error)}`
    if (reason === undefined) return { code: 'REFUSED_BY_DATABASE', field: '', pointer: '', message, fix: '' }
    return { ...reason, pointer: '', fix: '' }
  }

  #homeOf(name: string, entity: PlacedEntity): Home {
    const member = this.#cluster.member(name)
    const { driver } = member
    const hasTable = member.dataSource.hasMetadata(entity as never)
    const spec = strayPlan(member, nameOf(entity)).connection
    const { waitMs, waiting, mayGoOn } = this.#environment
    const policy: DatabasePolicy = new DatabasePolicy({
      database: name,
      kindOf: (error) => driverOf(spec.engine).faultOf(error).kind,
      waitMs,
      onWaiting: (message) => waiting(name, message),
      onFailure: () => this.#dropConnection(home),
      mayGoOn,
    })
    const plan = hasTable ? writePlanOf(this.#cluster, entity, name) : undefined
    const home: Home = { name, driver, plan, spec, policy, writer: new ChunkWriter(), connection: undefined }
    return home
  }

  async #dropConnection(home: Home): Promise<void> {
    const { connection } = home
    home.connection = undefined
    await connection?.close().catch(() => undefined)
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

const OF_THE_DATA: ReadonlySet<string> = new Set(['unique', 'check', 'not-null', 'too-long', 'out-of-range'])

const LEFT_OUT = Symbol('left out')

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
async function readBytes(descriptor: number, { offset, length, refused }: SourceChunk): Promise<Buffer> {
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

function addTo(counts: PartCounts, more: Partial<PartCounts>): void {
  for (const outcome of Object.keys(counts) as (keyof PartCounts)[]) counts[outcome] += more[outcome] ?? 0
}
