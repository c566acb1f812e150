/** One database of an ingestion, as one thread has it: its connection, and what to do when it fails. */
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import type { Connection, Driver } from '../../drivers/driver.js'
import { ShardyardError } from '../../errors.js'
import type { FaultPoint } from '../../util/faults.js'
import type { WritePlan } from '../bulk/messages.js'
import { strayPlan, writePlanOf } from '../bulk/write-plan.js'
import { ChunkWriter, type PartContext, type PartCounts, type PartWork } from './chunk-writer.js'
import { DatabasePolicy } from './database-policy.js'
import type { IngestPlan } from './ingest-plan.js'
import type { IngestReason } from './ingest-reason.js'

/** How the work reaches the thread around it. */
export interface HomeEnvironment {
  readonly waitMs: number
  readonly fault: FaultPoint
  readonly waiting: (database: string, message: string) => void
  /** How long a database may leave a statement waiting, in milliseconds. */
  readonly answerMs: () => number
  /** Returns when work may go on; throws when it is to stop. */
  readonly mayGoOn: () => Promise<void>
}

/** What is answered when the database was down for longer than the caller bears. */
export const LEFT_OUT = Symbol('left out')

/** A chunk changes many pages of the indexes. */
const CACHE_KB = 10_000

const OF_THE_DATA: ReadonlySet<string> = new Set(['unique', 'check', 'not-null', 'too-long', 'out-of-range'])

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

  /**
   * Writes the part of a chunk, through outages and conflicts; answers what became of its records, undefined when they
   * were settled before. It is left out when the database is down for longer than `bearMs`.
   */
  write(part: number, work: PartWork, bearMs: number): Promise<PartCounts | undefined | typeof LEFT_OUT> {
    return this.#policy.run(async () => {
      if (this.#policy.downMs > bearMs) return LEFT_OUT
      return this.#writer.write(await this.#contextOf(part, work), work)
    })
  }

  async flush(): Promise<void> {
    await this.#connection?.flush()
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close().catch(() => undefined)
  }

  async #contextOf(part: number, { number, attempt }: PartWork): Promise<PartContext> {
    const { fault, answerMs } = this.#environment
    this.#connection ??= await this.#driver.connect(this.#spec, answerMs, CACHE_KB)
    return {
      ...this.#plan,
      connection: this.#connection,
      dialect: this.#driver.dialect,
      plan: this.#table,
      part,
      isUnique: (error) => this.#driver.faultOf(error).kind === 'unique',
      refusalOf: (error) => this.#refusalOf(error),
      fault: (point) => fault(point, number, attempt),
    }
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
