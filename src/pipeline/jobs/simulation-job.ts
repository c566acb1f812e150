/** Simulated insertions as jobs. */
import type { Cluster } from '../../cluster/cluster.js'
import { checkInteger } from '../../util/check-option.js'
import { ShardyardError } from '../../errors.js'
import type { RunAccount } from '../reports/run-account.js'
import { accountOf } from '../runs/account.js'
import { resolveLoadOptions } from '../runs/load-options.js'
import { simulate, simulationSource } from '../runs/simulate.js'
import { finishedRunOf, LOAD_PATIENCE, LOAD_WAIT_MS, loading, plainJson, type LoadTools } from './load-job.js'
import { LoadProgress } from './load-progress.js'
import type { JobContext, JobHandler } from './job-runner.js'
import type { Json } from './job.js'
import type { NewJob } from './job-queue.js'

/** What a simulation job is asked for; the defaults are those of `simulate-insertions`. */
export interface SimulationJobRequest {
  /** 1 to 64. @defaultValue 10 */
  readonly threads?: number
  /** Records in one transaction. @defaultValue 1 */
  readonly batch?: number
  /** Records to make. @defaultValue the sample records */
  readonly count?: number
  /** Of made records. @defaultValue 1 */
  readonly seed?: number
  /** Share of made records that have an error. @defaultValue 0.15 */
  readonly invalid?: number
  /** Two requests with the same key are one job. @defaultValue none */
  readonly key?: string
}

const COUNT_MAX = 1_000_000_000
const SEED_MAX = 9_007_198

/** The job of a simulation, for a queue to store. @throws SY_OPTION_INVALID, SY_CONFIG_INVALID */
export function simulationJob(cluster: Cluster, { key, ...request }: SimulationJobRequest = {}): NewJob {
  const data = dataOf(request)
  if (cluster.definition.simulation === undefined)
    throw wrong('data', 'made by `simulation` of the definition, which has none')
  return { kind: 'simulation', data: plainJson(data), ...LOAD_PATIENCE, ...(key === undefined ? {} : { key }) }
}

/** The handler of simulation jobs, for a `JobRunner`. */
export function simulationHandler(tools: LoadTools): JobHandler {
  return (context) => loading(() => runSimulation(context, tools))
}

async function runSimulation({ job, cluster, signal, tell }: JobContext, tools: LoadTools): Promise<Json> {
  const { threads, batch, ...records } = dataOf(job.data)
  const finished = await finishedRunOf(cluster, job)
  if (finished !== undefined) return resultOf(await accountOf(cluster, finished))
  const { config, faults = '' } = tools
  const account = await simulate(cluster, simulationSource(cluster.definition, records), {
    ...(threads === undefined ? {} : { threads }),
    ...(batch === undefined ? {} : { batch }),
    ...(config === undefined ? {} : { config }),
    waitMs: LOAD_WAIT_MS,
    faults,
    signal,
    onEvent: new LoadProgress(tell).onEvent,
  })
  return resultOf(account)
}

function resultOf({ id, counts, successRate, wallMs, threads }: RunAccount): Json {
  return { run: id, threads, counts: { ...counts }, successRate: successRate ?? null, wallMs: Math.round(wallMs) }
}

/** @throws SY_OPTION_INVALID; data of a job was stored by whoever can reach the queue */
function dataOf(value: unknown): Omit<SimulationJobRequest, 'key'> {
  const { threads, batch, count, seed, invalid } = (value ?? {}) as Omit<SimulationJobRequest, 'key'>
  resolveLoadOptions({ ...(threads === undefined ? {} : { threads }), ...(batch === undefined ? {} : { batch }) })
  if (count !== undefined) checkInteger('count', count, { min: 1, max: COUNT_MAX })
  if (seed !== undefined) checkInteger('seed', seed, { min: 1, max: SEED_MAX })
  if (count === undefined && (seed !== undefined || invalid !== undefined))
    throw wrong('count', 'given with `seed` and `invalid`: they are for made records')
  if (invalid !== undefined && !(typeof invalid === 'number' && invalid >= 0 && invalid <= 1))
    throw wrong('invalid', 'a number from 0 to 1')
  const given = Object.entries({ threads, batch, count, seed, invalid }).filter(([, one]) => one !== undefined)
  return Object.fromEntries(given) as Omit<SimulationJobRequest, 'key'>
}

function wrong(option: string, expected: string): ShardyardError {
  return new ShardyardError('SY_OPTION_INVALID', `Expected \`${option}\` of a simulation to be ${expected}.`, {
    details: { option },
  })
}
