import { Cluster, defineCluster, place } from 'shardyard'
import { DataVersions } from 'shardyard/src/pipeline/cache/data-versions'
import { EntitySchema } from 'typeorm'
import { optionsFor } from '../../cluster/store'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'

const Note = new EntitySchema<{ id: number; text: string }>({
  name: 'Note',
  tableName: 'notes',
  columns: { id: { type: 'integer', primary: true }, text: { type: 'varchar', length: 20 } },
})

/** Two clusters on one database, as two processes have them, and what the first knows of its commits. */
async function openTwice(engine: TestEngine) {
  const { url } = await engine.createDatabase('data versions')
  const open = async () => {
    const definition = defineCluster({ databases: { main: optionsFor(engine, url) }, placement: [place(Note, 'main')] })
    const cluster = await Cluster.open(definition)
    removeAtEnd(() => cluster.close())
    return cluster
  }
  const [own, other] = [await open(), await open()]
  await (await own.connect('main')).synchronize()
  const versions = new DataVersions(own)
  removeAtEnd(() => versions.close())
  return { own, other, version: () => versions.of(['main']) }
}

const tellsCommits = ENGINES.filter(({ name }) => name !== 'mysql')

describe.each(tellsCommits)('the version of data on $name', (engine) => {
  test('is another one after each commit, of whichever process, and the same as long as there is none', async () => {
    const { own, other, version } = await openTwice(engine)
    const seen = new Set([await version()])
    for (const [id, cluster] of [own, other, own, other].entries()) {
      await cluster.repository(Note).insert({ id, text: 'new' })
      await cluster.repository(Note).find()
      const after = await version()
      expect([id, seen.has(after)]).toEqual([id, false])
      seen.add(after)
      // Of a server other databases may have changed too, which it does not tell apart.
      if (engine.name === 'sqlite') expect(await version()).toBe(after)
    }
    expect(seen.has(undefined)).toBe(false)
  })

  test('that was told before a commit is never told after it, though the transaction had begun', async () => {
    const { own, version } = await openTwice(engine)
    let during: string | undefined
    await own.transaction(async (tx) => {
      await tx.repository(Note).insert({ id: 1, text: 'new' })
      during = await version()
      expect(await own.repository(Note).count()).toBe(0)
    })
    expect(during).toBeDefined()
    expect(await version()).not.toBe(during)
  })
})

describe.each(ENGINES.filter(({ name }) => name === 'mysql'))('the version of data on $name', (engine) => {
  test('is not known, so that nothing is told twice', async () => {
    const { version } = await openTwice(engine)
    expect(await version()).toBeUndefined()
  })
})
