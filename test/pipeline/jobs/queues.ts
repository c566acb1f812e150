import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Cluster, defineCluster, migrate } from 'shardyard'
import { openBullmqQueue } from 'shardyard/src/pipeline/jobs/bullmq-queue'
import { EmbeddedQueue } from 'shardyard/src/pipeline/jobs/embedded-queue'
import type { Claim, Job, JobState } from 'shardyard/src/pipeline/jobs/job'
import type { JobQueue, QueueOptions } from 'shardyard/src/pipeline/jobs/job-queue'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { tempFolder } from '../../helpers/temp'

/** Short enough for tests, long enough for a busy machine. */
export const LEASE_MS = 300

/** What {@link WorkerProcess} opens its queue by. */
export interface QueueAddress {
  readonly config: string
  readonly url?: string
  readonly prefix?: string
}

/** Where the queues of one engine keep their jobs, for the tests of one file. */
export interface QueueHome {
  /** Says to another process where the jobs are. */
  address(): QueueAddress
  /** A queue on the same jobs as every other one of this home since `clear`. */
  open(options?: QueueOptions): Promise<JobQueue>
  /** Moves every lease into the past, as if that much time had gone by; of embedded queues. */
  age(ms: number): Promise<void>
  /** Forgets all jobs. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** An engine of queues. */
export interface QueueEngine {
  readonly name: string
  makeHome(label: string): Promise<QueueHome>
}

function embedded(engine: TestEngine): QueueEngine {
  return {
    name: engine.name,
    async makeHome(label) {
      const { url } = await engine.createDatabase(label)
      const cluster = await Cluster.open(defineCluster({ databases: { control: url }, placement: [] }))
      await migrate(cluster)
      const config = await configOf({ control: url })
      return {
        address: () => ({ config }),
        open: (options) => Promise.resolve(new EmbeddedQueue(cluster, { leaseMs: LEASE_MS, ...options })),
        async age(ms) {
          const { dialect } = cluster.member('control').driver
          const column = dialect.quote('leaseUntil')
          await cluster.database('control').query(`UPDATE shardyard_jobs SET ${column} = ${column} - ${ms}`)
        },
        clear: () => cluster.database('control').query('DELETE FROM shardyard_jobs') as Promise<never>,
        close: () => cluster.close(),
      }
    },
  }
}

/** The address of the Redis server of this test run. */
export function redisUrl(): string {
  const url = process.env['SHARDYARD_TEST_REDIS_URL']
  if (!url) throw new Error('SHARDYARD_TEST_REDIS_URL is not set. Run the tests with "npm test".')
  return url
}

const redis: QueueEngine = {
  name: 'redis',
  async makeHome(label) {
    const config = await configOf({})
    const home = `test-${label}-${randomBytes(6).toString('hex')}`
    let times = 0
    const prefix = () => `${home}-${times}`
    return {
      address: () => ({ config, url: redisUrl(), prefix: prefix() }),
      open: (options) => openBullmqQueue(redisUrl(), { leaseMs: LEASE_MS, prefix: prefix(), ...options }),
      age: () => Promise.reject(new Error('The time of Redis cannot be moved.')),
      clear() {
        times += 1
        return Promise.resolve()
      },
      close: () => removeKeys(`${home}*`),
    }
  },
}

/** A config file with these databases and no entities. */
async function configOf(databases: Readonly<Record<string, string>>): Promise<string> {
  const file = join(await tempFolder('queue'), 'config.cjs')
  const library = JSON.stringify(join(__dirname, '../../../dist/src/index.js'))
  const definition = JSON.stringify({ databases, placement: [] })
  await writeFile(file, `module.exports = require(${library}).defineCluster(${definition})\n`)
  return file
}

async function removeKeys(pattern: string): Promise<void> {
  const client = new Redis(redisUrl())
  const keys = await client.keys(pattern)
  for (let at = 0; at < keys.length; at += 1_000) await client.unlink(...keys.slice(at, at + 1_000))
  await client.quit()
}

/** Every engine that must keep the contract. */
export const QUEUES: readonly QueueEngine[] = [...ENGINES.map(embedded), redis]

/** Claims one job, which must be there; asks again while the engine has not noticed what makes it due. */
export async function claimOne(queue: JobQueue, waitMs = 0, owner = 'test'): Promise<Claim> {
  const endsAt = performance.now() + waitMs
  for (;;) {
    const [claim] = await queue.claim(owner, 1)
    if (claim !== undefined) return claim
    if (performance.now() >= endsAt) throw new Error('No job is due.')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

export async function jobOf(queue: JobQueue, id: string): Promise<Job> {
  const job = await queue.show(id)
  if (job === undefined) throw new Error(`There is no job ${id}.`)
  return job
}

/** Waits until a job is in a state. */
export async function untilState(queue: JobQueue, id: string, state: JobState): Promise<Job> {
  for (;;) {
    const job = await jobOf(queue, id)
    if (job.state === state) return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
