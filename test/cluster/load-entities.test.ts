import {
  Column,
  CreateDateColumn,
  Entity,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  ChildEntity,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm'
import { Cluster, defineCluster, place } from 'shardyard'
import { removeAtEnd } from '../helpers/cleanup'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { optionsFor } from './store'

class Author {
  @Column({ type: 'varchar', length: 40 })
  name!: string

  @Column({ type: 'varchar', length: 40, nullable: true })
  city!: string | null
}

@Entity('load_notes')
@Unique('uq_load_notes_slug', ['slug'])
class Note {
  @PrimaryGeneratedColumn('uuid')
  id!: string

  @Column({ type: 'varchar', length: 40, nullable: true })
  slug!: string | null

  @Column({ type: 'varchar', length: 20, name: 'state_name', default: 'draft' })
  state!: string

  @Column({ type: 'simple-json', nullable: true })
  tags!: unknown

  @Column({ type: 'boolean', default: false })
  isPinned!: boolean

  @Column(() => Author)
  author!: Author

  @VersionColumn({ type: 'integer' })
  version!: number

  @CreateDateColumn({ type: 'datetime' })
  createdAt!: Date

  @UpdateDateColumn({ type: 'datetime' })
  updatedAt!: Date
}

@Entity('load_shelves')
class Shelf {
  @PrimaryColumn({ type: 'integer' })
  id!: number
}

@Entity('load_books')
class Book {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @ManyToOne(() => Shelf)
  shelf!: Shelf | number | null
}

@Entity('load_pets')
@TableInheritance({ column: { type: 'varchar', name: 'kind', length: 20 } })
class Pet {
  @PrimaryColumn({ type: 'integer' })
  id!: number
}

@ChildEntity()
class Cat extends Pet {
  @Column({ type: 'integer', nullable: true })
  lives!: number | null
}

/** Entities of a user's own, without any of our decorators. */
async function openOwn(engine: TestEngine): Promise<Cluster<'main'>> {
  const { url } = await engine.createDatabase('load own')
  const entities = [Note, Shelf, Book, Pet, Cat]
  const placement = entities.map((entity) => place(entity, 'main'))
  const cluster = await Cluster.open(defineCluster({ databases: { main: optionsFor(engine, url) }, placement }))
  removeAtEnd(() => cluster.close())
  await (await cluster.connect('main')).synchronize()
  return cluster
}

const noteAt = (index: number) => ({ slug: `note-${index}`, author: { name: `Author ${index}`, city: null } })

describe.each(ENGINES)('cluster.load of any entity on $name', (engine) => {
  test('fills what a row leaves out as TypeORM and the database do', async () => {
    const cluster = await openOwn(engine)
    await cluster.load(Note, [noteAt(0)])
    await cluster.repository(Note).insert(noteAt(1))
    const [loaded, inserted] = await cluster.repository(Note).find({ order: { slug: 'ASC' } })
    expect(loaded).toEqual({
      ...inserted,
      ...noteAt(0),
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      createdAt: expect.any(Date),
      updatedAt: expect.any(Date),
    })
    expect(loaded).toMatchObject({ state: 'draft', isPinned: false, version: 1, tags: null })
    const ageMs = Math.abs((inserted?.createdAt.getTime() ?? 0) - (loaded?.createdAt.getTime() ?? 0))
    expect(ageMs).toBeLessThan(60_000)
  })

  test('stores what a row gives, each with the columns of its own', async () => {
    const cluster = await openOwn(engine)
    const rows = Array.from({ length: 30 }, (_, index) => ({
      ...noteAt(index),
      ...(index % 2 === 0 ? { state: 'done', isPinned: true } : {}),
      ...(index % 3 === 0 ? { tags: ['a', { b: index }], author: { name: `O'${index}`, city: 'Zürich' } } : {}),
    }))
    await cluster.load(Note, rows, { batchRows: 20 })
    const stored = await cluster.repository(Note).find()
    const bySlug = new Map(stored.map((note) => [note.slug, note]))
    for (const row of rows) {
      expect(bySlug.get(row.slug)).toMatchObject({ state: 'draft', isPinned: false, tags: null, ...row })
    }
    expect(stored).toHaveLength(30)
  })

  test('puts generated uuids into the rows and leaves given ones', async () => {
    const cluster = await openOwn(engine)
    const given = '4c9f2f0e-6b1c-4b7e-9d3a-0123456789ab'
    const rows: Partial<Note>[] = [noteAt(0), { ...noteAt(1), id: given }]
    await cluster.load(Note, rows, { assignIds: true })
    expect(rows[1]?.id).toBe(given)
    expect(await cluster.repository(Note).findOneByOrFail({ id: rows[0]?.id ?? '' })).toMatchObject(noteAt(0))
  })

  test('counts the version of a row that it writes over up', async () => {
    const cluster = await openOwn(engine)
    const update = { onConflict: 'update', conflictKey: ['slug'] } as const
    await cluster.load(Note, [noteAt(0), noteAt(1)], update)
    const [first] = await cluster.repository(Note).find({ where: { slug: 'note-0' } })
    await cluster.load(Note, [{ ...noteAt(0), state: 'done' }], update)
    await cluster.load(Note, [{ ...noteAt(0), isPinned: true }], update)
    const stored = await cluster.repository(Note).find({ order: { slug: 'ASC' } })
    expect(stored.map(({ version }) => version)).toEqual([3, 1])
    expect(stored[0]).toMatchObject({ id: first?.id, state: 'done', isPinned: true, createdAt: first?.createdAt })
  })

  test('stores every row whose key for conflicts is NULL', async () => {
    const cluster = await openOwn(engine)
    const rows = [1, 2, 3].map((index) => ({ ...noteAt(index), slug: null }))
    await cluster.load(Note, rows, { onConflict: 'update', conflictKey: ['slug'] })
    expect(await cluster.repository(Note).count()).toBe(3)
  })

  test('stores the key of a relation that has no property of its own', async () => {
    const cluster = await openOwn(engine)
    await cluster.load(Shelf, [{ id: 1 }, { id: 2 }])
    await cluster.load(Book, [{ id: 1, shelf: { id: 2 } }, { id: 2, shelf: 1 }, { id: 3, shelf: null }, { id: 4 }])
    const books = await cluster.repository(Book).find({ relations: { shelf: true } as never, order: { id: 'ASC' } })
    expect(books.map(({ shelf }) => (shelf as Shelf | null)?.id)).toEqual([2, 1, undefined, undefined])
  })

  test('writes which class of a shared table a row is of', async () => {
    const cluster = await openOwn(engine)
    await cluster.load(Cat, [{ id: 1, lives: 9 }])
    await cluster.load(Pet, [{ id: 2 }])
    expect(await cluster.repository(Cat).find()).toEqual([expect.objectContaining({ id: 1, lives: 9 })])
    expect(await cluster.repository(Pet).count()).toBe(2)
  })

  test('neither changes the rows nor asks that they may be changed', async () => {
    const cluster = await openOwn(engine)
    const rows = [0, 1].map((index) => Object.freeze(noteAt(index)))
    const before = structuredClone(rows)
    await cluster.load(Note, rows)
    expect(rows).toEqual(before)
  })
})
