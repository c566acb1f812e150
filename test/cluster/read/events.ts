import { Cluster, defineCluster, migrate, place } from 'shardyard'
import { Event } from 'shardyard/entities'
import { recordMigrations } from 'shardyard/entities/migrations/index'
import { removeAtEnd } from '../../helpers/cleanup'
import type { TestEngine } from '../../helpers/engines'

export type EventsCluster = Cluster<'events'>

/** An empty table of events in a database of its own; closed after the test. */
export async function openEvents(engine: TestEngine): Promise<EventsCluster> {
  const { url } = await engine.createDatabase('reading')
  const migrations = recordMigrations.filter(({ entities: [entity] }) => (entity as unknown) === Event)
  const cluster = await Cluster.open(
    defineCluster({ databases: { events: url }, placement: [place(Event, 'events')], migrations }),
  )
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  return cluster
}
