/** Whether a process can do its work now: what it cannot do without, and what it does less well without. */
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Cluster } from '../../cluster/cluster.js'
import { within } from '../../util/sleep.js'
import type { JobQueue } from '../jobs/job-queue.js'
import { controlOf } from '../runs/run-store.js'
import { migrationStatus } from './migration-status.js'

/** What one look has shown; tells no address, as anybody may ask. */
export interface ReadinessCheck {
  readonly check: string
  /** `warn`: something is wrong, but not with what every request needs. */
  readonly state: 'pass' | 'warn' | 'fail'
  readonly note: string
}

/** What is looked at. */
export interface ReadinessOptions {
  readonly queue: Pick<JobQueue, 'counts'>
  /** Where files are written. */
  readonly folder: string
  /** @defaultValue 2,000 */
  readonly limitMs?: number
}

const LIMIT_MS = 2_000
/** Below this much free disk nothing new is to be begun. */
const FREE_BYTES_MIN = 64 * 2 ** 20
const MIB = 2 ** 20

/** Looks at everything side by side; never rejects, and answers within a few seconds. */
export async function readinessOf(cluster: Cluster, options: ReadinessOptions): Promise<readonly ReadinessCheck[]> {
  const { queue, folder, limitMs = LIMIT_MS } = options
  const checks = await Promise.all([
    databaseChecks(cluster, limitMs),
    inTime('migrations', limitMs, () => migrationCheck(cluster)),
    inTime('queue', limitMs, async () => {
      const { pending } = await queue.counts()
      return pass('queue', `${pending} pending`)
    }),
    inTime('disk', limitMs, () => diskCheck(folder)),
  ])
  return checks.flat()
}

/** Only control is needed by everything; an entity whose database is down keeps the others going. */
async function databaseChecks(cluster: Cluster, limitMs: number): Promise<ReadinessCheck[]> {
  const control = controlOf(cluster)
  const health = await cluster.health(limitMs).catch(() => [])
  return health.map(({ name, state }) => {
    const check = `database ${name}`
    if (state !== 'down') return pass(check, state)
    return { check, state: name === control ? 'fail' : 'warn', note: 'does not answer' }
  })
}

async function migrationCheck(cluster: Cluster): Promise<ReadinessCheck> {
  const rows = await migrationStatus(cluster, { databases: [controlOf(cluster)] })
  const pending = rows.filter(({ state }) => state === 'pending').length
  if (rows.some(({ state }) => state === 'unreachable')) return fail('migrations', 'cannot be read')
  if (pending > 0) return fail('migrations', `${pending} of control are to be applied: shardyard migrate`)
  return pass('migrations', 'control is up to date')
}

async function diskCheck(folder: string): Promise<ReadinessCheck> {
  const { bavail, bsize } = await statfsAbove(resolve(folder))
  const free = Number(bavail) * Number(bsize)
  const note = `${Math.floor(free / MIB)} MiB free`
  return free < FREE_BYTES_MIN ? fail('disk', note) : pass('disk', note)
}

/** The folder may not have been made yet. */
async function statfsAbove(folder: string): ReturnType<typeof statfs> {
  try {
    return await statfs(folder)
  } catch (error) {
    if (dirname(folder) === folder) throw error
    return statfsAbove(dirname(folder))
  }
}

async function inTime(check: string, limitMs: number, look: () => Promise<ReadinessCheck>): Promise<ReadinessCheck> {
  try {
    return (await within(look(), limitMs)) ?? fail(check, 'does not answer')
  } catch {
    return fail(check, 'does not answer')
  }
}

function pass(check: string, note: string): ReadinessCheck {
  return { check, state: 'pass', note }
}

function fail(check: string, note: string): ReadinessCheck {
  return { check, state: 'fail', note }
}
