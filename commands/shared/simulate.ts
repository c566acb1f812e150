import type { Cluster } from '../../src/cluster/cluster.js'
import type { RecordSource } from '../../src/cluster/record-source.js'
import type { MigrationStep } from '../../src/pipeline/maintenance/migration-plan.js'
import type { RunAccount } from '../../src/pipeline/reports/run-account.js'
import { readRecordFile } from '../../src/pipeline/runs/read-record-file.js'
import { simulate, simulationSource } from '../../src/pipeline/runs/simulate.js'
import type { CommandContext } from './with-cluster.js'
import { interruptible } from './interruptible.js'
import { Progress } from './progress.js'

/** What to simulate. */
export interface SimulationRequest {
  readonly threads: number
  readonly batch: number
  /** `sample`, or a JSON file. */
  readonly data: string
  readonly count: number | undefined
  readonly seed: number
  readonly invalid: number
  readonly waitMs: number
  readonly isQuiet: boolean
}

/** Simulates with the flags of a command. Ctrl-C stops after the transactions under way. */
export async function runSimulation(
  cluster: Cluster,
  context: CommandContext,
  request: SimulationRequest,
): Promise<RunAccount> {
  const source = await sourceOf(context, request)
  const say = request.isQuiet ? context.err : context.out
  const progress = new Progress(context, request.isQuiet)
  return interruptible(progress, (signal) =>
    simulate(cluster, source, {
      threads: request.threads,
      batch: request.batch,
      waitMs: request.waitMs,
      config: context.config,
      signal,
      onEvent: progress.onEvent,
      onStep: ({ database, migration }: MigrationStep) => say(`Migrated "${database}": ${migration}`),
      faults: process.env['SHARDYARD_FAULTS'] ?? '',
    }),
  )
}

async function sourceOf({ definition }: CommandContext, request: SimulationRequest): Promise<RecordSource> {
  if (request.data === 'sample') return simulationSource(definition, request)
  return readRecordFile(
    request.data,
    definition.placement.map(({ entity }) => entity),
  )
}
