// Compiled, never run: each @ts-expect-error fails the compilation when the line below it is accepted.
import {
  dryRun,
  exportRejects,
  findRun,
  generateFile,
  ingest,
  ingestStream,
  openKafkaStream,
  readRejects,
  redriveFile,
  redriveRun,
  samplesOf,
  traceLine,
  traceRow,
  type ChangeCode,
  type Cluster,
  type ClusterDefinition,
  type IngestAccount,
  type IngestReason,
  type MessageStream,
} from 'shardyard'
import { Event, Product } from 'shardyard/entities'

export async function typesOfAnIngestion(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const account: IngestAccount = await ingest(cluster, ['a.csv', [{ client: 'a' }]], { into: Event, maxRejects: '5%' })
  await ingest(cluster, ['a.csv'], { into: 'Event', dedupe: 'key', map: { '/payload/cost': 'amount' } })
  // @ts-expect-error a source is no number
  await ingest(cluster, [5], { into: Event })
  // @ts-expect-error an entity must be named
  await ingest(cluster, ['a.csv'], {})
  // @ts-expect-error there is no such way to be the same
  await ingest(cluster, ['a.csv'], { into: Event, dedupe: 'none' })
  // @ts-expect-error an account cannot be changed
  account.counts = { accepted: 1, rejected: 0, duplicate: 0, blank: 0, header: 0 }

  const { changes } = await dryRun(cluster, ['a.csv'], { into: Event })
  const why: ChangeCode | undefined = changes[0]?.why
  // @ts-expect-error there is no such kind of run
  await findRun(cluster, 'latest', 'import')
  const run = await findRun(cluster, 'latest', 'ingestion')
  // @ts-expect-error a run is more than its id
  await redriveRun(cluster, run.id)
  await redriveRun(cluster, run, { zone: 'Europe/Istanbul' })
  // @ts-expect-error the entity is that of the run
  await redriveFile(cluster, 'rejects.csv', { into: Event })
  // @ts-expect-error rejects are not written as XML
  exportRejects(cluster, run, { format: 'xml' })
  for await (const { reasons } of readRejects(cluster, run, { code: 'NO_ZONE' })) {
    const [reason]: readonly IngestReason[] = reasons
    console.log(reason?.pointer, reason?.fix, why)
  }
  const [line] = await traceLine(cluster, 'a.csv', 17)
  const [row] = await traceRow(cluster, 'Event', String(line?.rowId))
  console.log(row?.duplicateOf?.line)

  const stream: MessageStream = await openKafkaStream({ brokers: ['localhost:9092'], topic: 'events', group: 'load' })
  await ingestStream(cluster, stream, { into: Event, topic: 'events', group: 'load', signal })
  // @ts-expect-error without a signal it would never end
  await ingestStream(cluster, stream, { into: Event, topic: 'events', group: 'load' })
}

export async function typesOfALoad(cluster: Cluster): Promise<void> {
  const { written } = await cluster.load(Product, [{ name: 'Desk', price: '149.90' }], { onConflict: 'ignore' })
  // @ts-expect-error a product has no sku
  await cluster.load(Product, [{ sku: 'x' }])
  // @ts-expect-error nor here
  await cluster.load(Product, [], { conflictKey: ['sku'] })
  console.log(written)
}

export async function typesOfSamples(definition: ClusterDefinition): Promise<void> {
  const { rejected } = await generateFile(samplesOf(definition, 'Event'), 'events.csv', {
    format: 'ndjson',
    invalid: 0,
  })
  console.log(rejected.byKind['TOO_HIGH amount'])
}
