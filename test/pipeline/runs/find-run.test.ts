import { join } from 'node:path'
import { Cluster, defineCluster, findRun, ingest, migrate, place, readRejects, traceLine, type Reject } from 'shardyard'
import { Event } from 'shardyard/entities'
import { recordMigrations } from 'shardyard/entities/migrations/index'
import { removeAtEnd } from '../../helpers/cleanup'
import { tempFolder } from '../../helpers/temp'

async function clusterWithARun() {
  const folder = await tempFolder('find run')
  const cluster = await Cluster.open(
    defineCluster({
      databases: { events: `sqlite:${join(folder, 'events.db')}`, control: `sqlite:${join(folder, 'control.db')}` },
      placement: [place(Event, 'events')],
      migrations: recordMigrations.filter(({ entities: [entity] }) => (entity as unknown) === Event),
    }),
  )
  removeAtEnd(() => cluster.close())
  await migrate(cluster)
  const records = [{ client: 'a', timestamp: '2024-01-31T10:00:00Z' }, { client: 'b' }]
  return { cluster, account: await ingest(cluster, [records], { into: Event }) }
}

describe('findRun', () => {
  test('finds a run by its id and as the latest of its kind, for the functions that take one', async () => {
    const { cluster, account } = await clusterWithARun()
    const run = await findRun(cluster, account.id)
    expect(run).toMatchObject({ id: account.id, kind: 'ingestion', state: 'complete' })
    expect(await findRun(cluster, 'latest', 'ingestion')).toEqual(run)
    const rejects: Reject[] = []
    for await (const reject of readRejects(cluster, run)) rejects.push(reject)
    expect(rejects).toMatchObject([{ line: 2, record: { client: 'b' }, reasons: [{ code: 'MISSING' }] }])
    expect(await traceLine(cluster, 'stream', 1)).toMatchObject([{ run: run.id, outcome: 'accepted', rowId: '1' }])
  })

  test.each([
    ['id that is unknown', 'nosuchrun', undefined, 'No run "nosuchrun" is recorded.'],
    ['id that names no run of its kind', 'latest', 'simulation', 'No simulation "latest" is recorded.'],
  ] as const)('refuses an %s', async (_title, id, kind, message) => {
    const { cluster } = await clusterWithARun()
    await expect(findRun(cluster, id, kind)).rejects.toMatchObject({
      code: 'SY_RUN_UNKNOWN',
      message: expect.stringContaining(message),
    })
  })

  test('refuses the id of a run of another kind', async () => {
    const { cluster, account } = await clusterWithARun()
    await expect(findRun(cluster, account.id, 'simulation')).rejects.toMatchObject({ code: 'SY_RUN_UNKNOWN' })
  })
})
