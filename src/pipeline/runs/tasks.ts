/** Cuts a wave into the tasks of worker threads. */
import type { Cluster } from '../../cluster/cluster.js'
import type { PlacedEntity } from '../../cluster/entity.js'
import type { RecordSource } from '../../cluster/record-source.js'
import { groupBy } from '../../util/group-by.js'
import type { Destination } from '../bulk/destinations.js'
import { Judge } from '../bulk/judge.js'
import type { Care, GenerateTask, JudgedRecord, WritePlan, WriteTask } from '../bulk/messages.js'
import { untilReachable } from '../bulk/until-reachable.js'
import { insertableColumns } from '../../cluster/load/column-writer.js'
import type { ResolvedLoadOptions } from './load-options.js'
import { groupsOf } from './shared-values.js'

/** Records that are judged together, so that their references are looked up in one statement. */
const JUDGED_TOGETHER = 1_000

export interface TaskContext {
  readonly cluster: Cluster
  readonly source: RecordSource
  /** In the order of the plans. */
  readonly destinations: readonly Destination[]
  readonly care: Care
  readonly options: ResolvedLoadOptions
}

let lastId = 0

/**
 * Tasks with records that this thread has judged, in passes: each pass has settled before the next one starts. Records
 * of a pass that share a unique value are in one task, those that break no rule first, each in the order of the source.
 */
export function recordPasses(context: TaskContext, wave: readonly PlacedEntity[]): AsyncGenerator<WriteTask>[] {
  const { cluster, source } = context
  if (source.groupOf === undefined) {
    const groups = (entity: PlacedEntity) => groupsOf(source, entity, uniqueProperties(cluster, entity))
    return [recordTasks(context, wave, groups)]
  }
  // A generator knows who shares a value, so nothing has to be held in memory: first those that others follow.
  return [
    recordTasks(context, wave, (entity) => leadersOf(source, entity)),
    recordTasks(context, wave, (entity) => followersOf(source, entity)),
  ]
}

/** The tasks of a wave's entities in turn, so that the threads work on different databases side by side. */
async function* recordTasks(
  context: TaskContext,
  wave: readonly PlacedEntity[],
  groupsFor: (entity: PlacedEntity) => Iterable<readonly number[]>,
): AsyncGenerator<WriteTask> {
  const { destinations, care } = context
  const lines = Array.from(destinations.entries())
    .filter(([, { entity }]) => wave.includes(entity))
    .map(([plan, destination]) => ({
      plan,
      tasks: judgedTasks(context, destination, takenOf(groupsFor(destination.entity), destination)),
    }))
  while (lines.length > 0) {
    for (const line of lines.slice()) {
      const { done, value } = await line.tasks.next()
      if (done === true) lines.splice(lines.indexOf(line), 1)
      else yield { kind: 'write', id: ++lastId, plan: line.plan, records: value, care }
    }
  }
}

/** The parts of groups that go to a destination: a value is unique in a database. */
function* takenOf(groups: Iterable<readonly number[]>, destination: Destination): Iterable<readonly number[]> {
  for (const group of groups) {
    const taken = group.filter((index) => destination.takes(index))
    if (taken.length > 0) yield taken
  }
}

function* leadersOf(source: RecordSource, entity: PlacedEntity): Iterable<readonly number[]> {
  for (let index = 0; index < source.count(entity); index++) {
    if (source.groupOf?.(entity, index) === index) yield [index]
  }
}

function followersOf(source: RecordSource, entity: PlacedEntity): Iterable<readonly number[]> {
  const followers = new Map<number, number[]>()
  for (let index = 0; index < source.count(entity); index++) {
    const leader = source.groupOf?.(entity, index) ?? index
    if (leader === index) continue
    const group = followers.get(leader)
    if (group === undefined) followers.set(leader, [index])
    else group.push(index)
  }
  return followers.values()
}

/** Tasks by which each thread makes, judges and writes a part of a generated source. */
export async function* generateTasks(
  { destinations, care }: TaskContext,
  wave: readonly PlacedEntity[],
  parts: number,
): AsyncGenerator<GenerateTask> {
  // Side by side the threads work on different databases, as long as the wave has several.
  for (let part = 0; part < parts; part++) {
    for (const [plan, { entity }] of destinations.entries()) {
      if (wave.includes(entity)) yield { kind: 'generate', id: ++lastId, plan, part, parts, care }
    }
  }
}

/** Tasks with the records that name no placed entity. */
export async function* strayTasks(
  source: RecordSource,
  plans: readonly WritePlan[],
  care: Care,
): AsyncGenerator<WriteTask> {
  for (const [entity, strays] of groupBy(source.strays, (stray) => stray.entity)) {
    const records = strays.map(
      ({ position, record, message }): JudgedRecord => ({
        position,
        record: JSON.stringify(record),
        values: [],
        reasons: [{ code: 'UNKNOWN_ENTITY', field: 'entity', message }],
      }),
    )
    const plan = plans.findIndex((one) => one.entity === entity && one.table === undefined)
    yield { kind: 'write', id: ++lastId, plan, records, care }
  }
}

async function* judgedTasks(
  context: TaskContext,
  { entity, database }: Destination,
  groups: Iterable<readonly number[]>,
): AsyncGenerator<JudgedRecord[]> {
  const { cluster, source, options } = context
  const judge = new Judge(cluster, entity, database)
  const judgedTogether = Math.max(JUDGED_TOGETHER, options.batch)
  let together: (readonly number[])[] = []
  const judgeAll = async (some: readonly (readonly number[])[]) => {
    const records = some.flat().map((index) => source.at(entity, index))
    const judged = await untilReachable(cluster, options, undefined, () => judge.judge(records))
    return packed(some, judged, options.batch)
  }
  let count = 0
  for (const group of groups) {
    together.push(group)
    count += group.length
    if (count < judgedTogether) continue
    yield* await judgeAll(together)
    together = []
    count = 0
  }
  if (count > 0) yield* await judgeAll(together)
}

/** Groups side by side in tasks of about `size` records; a group is never cut. */
function packed(
  groups: readonly (readonly number[])[],
  judged: readonly JudgedRecord[],
  size: number,
): JudgedRecord[][] {
  const tasks: JudgedRecord[][] = []
  let task: JudgedRecord[] = []
  let at = 0
  for (const group of groups) {
    const records = judged.slice(at, at + group.length)
    at += group.length
    if (task.length > 0 && task.length + records.length > size) {
      tasks.push(task)
      task = []
    }
    task.push(
      ...records.filter(({ reasons }) => reasons.length === 0),
      ...records.filter(({ reasons }) => reasons.length > 0),
    )
  }
  if (task.length > 0) tasks.push(task)
  return tasks
}

function uniqueProperties(cluster: Cluster, entity: PlacedEntity): string[][] {
  const { database } = cluster.router.routeForWrite(entity)
  const metadata = cluster.member(database).dataSource.getMetadata(entity as never)
  const columns = insertableColumns(metadata)
  const keys = [
    metadata.primaryColumns,
    ...metadata.uniques.map((unique) => unique.columns),
    ...metadata.indices.filter((index) => index.isUnique).map((index) => index.columns),
  ]
  return keys
    .filter((key) => key.every((column) => columns.includes(column)))
    .map((key) => key.map((column) => column.propertyName))
}
