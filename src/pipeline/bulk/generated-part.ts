/** A worker thread's side of a generated source: it makes and judges the records of its parts itself. */
import { Cluster } from '../../cluster/cluster.js'
import { nameOf } from '../../cluster/entity.js'
import { loadDefinition } from '../../cluster/load-definition.js'
import type { RecordSource, SourceRecord } from '../../cluster/record-source.js'
import { destinationsOf, type Destination } from './destinations.js'
import { onEnd } from './thread-end.js'
import { Judge } from './judge.js'
import type { GenerateTask, JudgedRecord, WorkerStart, WritePlan } from './messages.js'
import { untilReachable, type Patience } from './until-reachable.js'

/** Records that follow each other stay together, so that a part is made of runs of places. */
const BLOCK = 1_000
/** Records whose references are looked up in one statement; judging more at once only costs memory. */
const JUDGED_TOGETHER = 250
const CLOSE_LIMIT_MS = 1_000

let opened: Promise<GeneratedPart> | undefined

export class GeneratedPart {
  readonly #start: WorkerStart
  readonly #cluster: Cluster
  readonly #source: RecordSource
  readonly #patience: Patience

  /** Opens the cluster of the config file once a thread. */
  static open(start: WorkerStart, patience: Patience): Promise<GeneratedPart> {
    opened ??= GeneratedPart.#create(start, patience)
    return opened
  }

  static async #create(start: WorkerStart, patience: Patience): Promise<GeneratedPart> {
    if (start.generator === undefined) throw new TypeError('A part was asked for, but there is no generator.')
    const definition = await loadDefinition(start.generator.config)
    const source = definition.simulation?.generate(start.generator.options)
    if (source === undefined) throw new TypeError(`${start.generator.config} has no simulation data.`)
    const cluster = await Cluster.open(definition)
    onEnd(() => cluster.close(CLOSE_LIMIT_MS))
    return new GeneratedPart(start, cluster, source, patience)
  }

  private constructor(start: WorkerStart, cluster: Cluster, source: RecordSource, patience: Patience) {
    this.#patience = patience
    this.#start = start
    this.#cluster = cluster
    this.#source = source
  }

  /** The part's records in their order, judged, in batches of the run's size. */
  async *batches(task: GenerateTask): AsyncIterable<{ plan: WritePlan; records: JudgedRecord[] }> {
    const plan = this.#start.plans[task.plan]
    const destination = destinationsOf(this.#cluster, this.#source).find(
      ({ entity, database }) => nameOf(entity) === plan?.entity && database === plan.database,
    )
    if (destination === undefined || plan === undefined) throw new TypeError(`There is no plan ${task.plan}.`)
    const { entity } = destination
    const judge = new Judge(this.#cluster, entity, plan.database)
    const size = Math.max(this.#start.facts.batch, JUDGED_TOGETHER)
    let [read, judged]: [SourceRecord[], JudgedRecord[]] = [[], []]
    for (const index of this.#indexes(destination, task)) {
      read.push(this.#source.at(entity, index))
      if (read.length === JUDGED_TOGETHER || judged.length + read.length === size) {
        judged.push(...(await this.#judged(judge, read)))
        read = []
      }
      if (judged.length < size) continue
      yield { plan, records: judged }
      judged = []
    }
    judged.push(...(await this.#judged(judge, read)))
    if (judged.length > 0) yield { plan, records: judged }
  }

  *#indexes({ entity, takes }: Destination, { part, parts }: GenerateTask): Iterable<number> {
    const count = this.#source.count(entity)
    const partOf = (index: number) => Math.floor(index / BLOCK) % parts
    for (let index = 0; index < count; index++) {
      const head = this.#source.groupOf?.(entity, index) ?? index
      if (partOf(head) === part && takes(index)) yield index
    }
  }

  /** A database that is down while references are looked up is waited for like one that is written. */
  #judged(judge: Judge, records: readonly SourceRecord[]): Promise<JudgedRecord[]> {
    return untilReachable(this.#cluster, this.#patience, undefined, () => judge.judge(records))
  }
}
