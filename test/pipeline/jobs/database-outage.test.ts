import { Cluster, defineCluster, migrate } from 'shardyard'
import { EmbeddedQueue } from 'shardyard/src/pipeline/jobs/embedded-queue'
import { JobRunner, type JobHandler } from 'shardyard/src/pipeline/jobs/job-runner'
import { TcpProxy } from '../../commands/tcp-proxy'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES } from '../../helpers/engines'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const SERVERS = ENGINES.filter(({ name }) => name !== 'sqlite')

test.each(SERVERS)('a runner waits for a control database on $name that goes away, and goes on', async (engine) => {
  const proxy = await TcpProxy.open((await engine.createDatabase('jobs outage')).url)
  const cluster = await Cluster.open(defineCluster({ databases: { control: proxy.url }, placement: [] }))
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  const queue = new EmbeddedQueue(cluster, { leaseMs: 5_000 })
  await queue.enqueueMany(Array.from({ length: 6 }, (_, data) => ({ kind: 'work', data })))
  const work: JobHandler = async ({ job }) => {
    if (job.data === 2) {
      proxy.down()
      setTimeout(() => proxy.up(), 300)
    }
    await pause(10)
    return job.data
  }
  const kinds: string[] = []
  const onEvent = ({ kind }: { kind: string }) => void kinds.push(kind)
  await new JobRunner(queue, { work }, cluster, { pollMs: 20, isUntilIdle: true, onEvent }).run()
  expect(kinds).toContain('waiting-for-queue')
  expect(await queue.counts()).toMatchObject({ complete: 6, pending: 0, running: 0, failed: 0 })
})
