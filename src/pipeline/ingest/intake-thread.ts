/** The entry of the thread of a `ThreadIntake`. */
import { parentPort, workerData } from 'node:worker_threads'
import { Cluster } from '../../cluster/cluster.js'
import { loadDefinition } from '../../cluster/load-definition.js'
import { ShardyardError } from '../../errors.js'
import { toldOutcome, type IntakeAnswer, type IntakeCall, type IntakeStart, type ToldError } from './intake-messages.js'
import { RecordIntake } from './record-intake.js'

const { config, options } = workerData as IntakeStart
const CLOSE_LIMIT_MS = 1_000

function answer(message: IntakeAnswer): void {
  parentPort?.postMessage(message)
}

function toldError(error: unknown): ToldError {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof ShardyardError
    ? { message, code: error.code, details: error.details }
    : { message, code: undefined, details: {} }
}

async function open(): Promise<void> {
  const cluster = await Cluster.open(await loadDefinition(config))
  const intake = await RecordIntake.open(cluster, options)
  parentPort?.on('message', (call: IntakeCall) => {
    if (call.kind === 'take') void take(intake, call)
    else void close(cluster, intake)
  })
  answer({ kind: 'open' })
}

async function take(intake: RecordIntake, { id, bytes, lengths }: Extract<IntakeCall, { kind: 'take' }>) {
  try {
    let at = 0
    const records = lengths.map((length) => bytes.subarray(at, (at += length)))
    answer({ kind: 'told', id, told: (await intake.take(records)).map(toldOutcome) })
  } catch (error) {
    answer({ kind: 'failed', id, error: toldError(error) })
  }
}

async function close(cluster: Cluster, intake: RecordIntake): Promise<void> {
  await intake.close().catch(() => undefined)
  await cluster.close(CLOSE_LIMIT_MS)
  parentPort?.close()
}

open().catch((error: unknown) => {
  answer({ kind: 'failed', error: toldError(error) })
  parentPort?.close()
})
