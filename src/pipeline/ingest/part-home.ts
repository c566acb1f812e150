/** One database of an ingestion, as one thread has it: its connection, and what to do when it fails. */
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import type { Connection, Driver } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import type { FaultPoint } from '../../util/faults.js'
import type { WritePlan } from '../bulk/messages.js'
import { strayPlan, writePlanOf } from '../bulk/write-plan.js'
import type { ChunkTurn } from './chunk-order.js'
import { ChunkWriter, LEFT_OUT, type WriteTurn, type Written } from './chunk-writer.js'
import { DatabasePolicy } from './database-policy.js'
import type { IngestPlan } from './ingest-plan.js'
import type { IngestReason } from './ingest-reason.js'
import type { PartContext, PartWork } from './part-context.js'

/** How the work reaches the thread around it. */
export interface HomeEnvironment {
  readonly waitMs: number
  readonly fault: FaultPoint
  readonly waiting: (database: string, message: string) => void
  /** How long a database may leave a statement waiting, in milliseconds. */
  readonly answerMs: () => number
  /** Whether it writes as much as it can; see the connection's option of this name. */
  readonly isLoad: boolean
  /** Returns when work may go on; throws when it is to stop. */
  readonly mayGoOn: () => Promise<void>
}

type HomeTurn = WriteTurn & Pick<ChunkTurn, 'takeBack' | 'isLeftOut'>

/** Of streams, each of whose partitions has one reader. */
const NO_TURN: HomeTurn = {
  isLeftOut: false,
  rows: () => Promise.resolve(true),
  rowsWritten: () => undefined,
  commit: () => Promise.resolve(),
  takeBack: () => undefined,
}

/** A chunk changes many pages of the indexes. */
const CACHE_KB = 10_000

const OF_THE_DATA: ReadonlySet<string> = new Set(['unique', 'check', 'not-null', 'too-long', 'out-of-range'])

/** How a part is written beside others. */
export interface WriteOptions {
  /** @defaultValue at once */
  readonly turn?: HomeTurn
  /** How long the database may be down, in milliseconds. @defaultValue as long as the load waits */
  readonly bearMs?: number
}

export class PartHome {
  readonly name: string
  readonly #cluster: Cluster
  readonly #driver: Driver
  readonly #plan: Pick<IngestPlan, 'dedupe' | 'ledger'>
  /** How rows are written; undefined where only lines are. */
  readonly #table: WritePlan | undefined
  readonly #spec: WritePlan['connection']
  readonly #environment: HomeEnvironment
  readonly #policy: DatabasePolicy
  readonly #writer = new ChunkWriter()
  #connection: Connection | undefined

  constructor(
    cluster: Cluster,
    name: string,
    {
      entity,
      plan,
      environment,
    }: {
      readonly entity: PlacedEntity
      readonly plan: Pick<IngestPlan, 'dedupe' | 'ledger'>
      readonly environment: HomeEnvironment
    },
  ) {
    const member = cluster.member(name)
    this.name = name
    this.#cluster = cluster
    this.#driver = member.driver
    this.#plan = plan
    this.#spec = strayPlan(member, nameOf(entity)).connection
    this.#table = member.dataSource.hasMetadata(entity as never) ? writePlanOf(cluster, entity, name) : undefined
    this.#environment = environment
    const { waitMs, waiting, mayGoOn } = environment
    this.#policy = new DatabasePolicy({
      database: name,
      kindOf: (error) => member.driver.faultOf(error).kind,
      waitMs,
      onWaiting: (message) => waiting(name, message),
      onFailure: () => this.close(),
      mayGoOn,
    })
  }

  /** Whether it has the table of the rows. */
  get takesRows(): boolean {
    return this.#table !== undefined
  }

  get hasOneWriter(): boolean {
    return this.#driver.hasOneWriter
  }

  /**
   * Writes the part of a chunk when it is its turn, through outages and conflicts. It is left out when the database is
   * down for longer than `bearMs`.
   */
  write(
    part: number,
    work: PartWork,
    { turn = NO_TURN, bearMs = Number.POSITIVE_INFINITY }: WriteOptions = {},
  ): Promise<Written> {
    return this.#policy.run(async () => {
      // Asked before the connection is made, which would be waited for.
      if (turn.isLeftOut || this.#policy.downMs > bearMs) return LEFT_OUT
      try {
        return await this.#writer.write(await this.#contextOf(part, work), work, turn)
      } catch (error) {
        turn.takeBack()
        throw error
      }
    })
  }

  async flush(): Promise<void> {
    await this.#connection?.flush()
  }

  /** Has what was committed on disk, while more may be written. */
  async sync(): Promise<void> {
    await this.#connection?.sync()
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close().catch(() => undefined)
  }

  async #contextOf(part: number, { number, attempt }: PartWork): Promise<PartContext> {
    const { fault, answerMs } = this.#environment
    this.#connection ??= await this.#connect(answerMs)
    const { dedupe, ledger } = this.#plan
    return {
      dedupe,
      ledger,
      connection: this.#connection,
      dialect: this.#driver.dialect,
      plan: this.#table,
      part,
      isUnique: (error) => this.#driver.faultOf(error).kind === 'unique',
      isConflict: (error) => this.#driver.faultOf(error).kind === 'conflict',
      refusalOf: (error) => this.#refusalOf(error),
      fault: (point) => fault(point, number, attempt),
    }
  }

  async #connect(answerMs: () => number): Promise<Connection> {
    const connection = await this.#driver.connect(this.#spec, answerMs, {
      cacheKb: CACHE_KB,
      isLoad: this.#environment.isLoad,
    })
    // A chunk may hold locks while it waits for its turn, for which another process may wait in vain.
    const { waitBrieflyForLocks } = this.#driver.dialect
    if (waitBrieflyForLocks !== undefined) await connection.execute(waitBrieflyForLocks)
    return connection
  }

  /** Why the database refuses a row; undefined when the row is not to blame. */
  #refusalOf(error: unknown): IngestReason | undefined {
    if (!OF_THE_DATA.has(this.#driver.faultOf(error).kind)) return undefined
    const table = this.#driver.dialect.quote(this.#table?.table ?? '')
    const told = this.#cluster.member(this.name).translated(error, `INSERT INTO ${table} `, undefined)
    const [reason] = told instanceof ShardyardError ? (told.details['reasons'] as IngestReason[]) : []
    const message = `The database refused it: ${error instanceof Error ? error.message : String(error)}`
    if (reason === undefined) return { code: 'REFUSED_BY_DATABASE', field: '', pointer: '', message, fix: '' }
    return { ...reason, pointer: '', fix: '' }
  }
}
