import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Column, Entity, EntitySchema, ManyToOne, PrimaryColumn } from 'typeorm'
import { Cluster, defineCluster, place, References, WholeNumber, type ClusterOptions } from 'shardyard'
import { Order, Product, User } from 'shardyard/entities'
import { migrations } from 'shardyard/entities/migrations/index'
import { tempFolder } from '../helpers/temp'

@Entity('authors')
class Author {
  @PrimaryColumn({ type: 'integer' })
  id!: number
}

@Entity('books')
class Book {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @ManyToOne(() => Author)
  author!: Author
}

abstract class Written {
  @ManyToOne(() => Author)
  author!: Author
}

@Entity('letters')
class Letter extends Written {
  @PrimaryColumn({ type: 'integer' })
  id!: number
}

class NoEntity {
  id!: number
}

@Entity('strays')
class Stray {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @ManyToOne(() => NoEntity)
  other!: NoEntity

  @References(() => Author)
  @WholeNumber({ min: 1 })
  authorId!: number
}

const Note = new EntitySchema<{ id: number; author: Author }>({
  name: 'Note',
  columns: { id: { type: 'integer', primary: true } },
  relations: { author: { type: 'many-to-one', target: () => Author } },
})

@Entity('other_users')
class Twin {
  @PrimaryColumn({ type: 'integer' })
  id!: number

  @Column({ type: 'integer' })
  size!: number
}
Object.defineProperty(Twin, 'name', { value: 'User' })

class Undated {
  static readonly entities = [User]
  up = async () => undefined
  down = async () => undefined
}

class Homeless1763600000009 {
  up = async () => undefined
  down = async () => undefined
}

const SALES = { kind: 'shardyard report', name: 'sales' } as const

type Options = ClusterOptions<'a' | 'b'>
const databases = { a: 'sqlite:a.db', b: 'sqlite:b.db' }

/** The mistakes that opening finds; none when it succeeds. */
async function mistakesOf(
  options: Partial<Omit<Options, 'placement'>> & { placement: readonly unknown[] },
): Promise<string[]> {
  const definition = defineCluster({ databases, ...options } as Options)
  try {
    await using cluster = await Cluster.open(definition)
    expect(cluster.databases).toHaveLength(Object.keys(definition.databases).length)
    return []
  } catch (error) {
    expect(error).toMatchObject({ code: 'SY_DEFINITION_INVALID' })
    const { mistakes } = (error as { details: { mistakes: string[] } }).details
    for (const mistake of mistakes) expect((error as Error).message).toContain(mistake)
    return mistakes
  }
}

describe('the opening check', () => {
  test('finds nothing in a definition without mistakes', async () => {
    const placement = [place(User, 'a'), place(Product, 'a'), place(Order, 'b')]
    expect(await mistakesOf({ placement, migrations })).toEqual([])
  })

  test('names every mistake at once', async () => {
    const mistakes = await mistakesOf({
      placement: [
        place(User, 'a'),
        place(User, 'b'),
        place(Order, 'c'),
        place(Book, 'b'),
        place(Author, 'a'),
        { entity: NoEntity, database: 'a' },
      ],
      migrations: [Undated, Homeless1763600000009 as never],
      routers: [{ databaseForRead: () => 'nowhere' }],
      control: 'd' as never,
      reports: [SALES, SALES],
    })
    for (const part of [
      'User is placed 2 times: in a and b.',
      'Order is placed in "c", which is not among the databases (a, b).',
      'NoEntity is placed but is no entity',
      'The control database is "d"',
      'Order.productId references Product, which is not placed.',
      'Book.author relates to Author across databases ("b" and "a").',
      'The migration Undated has no time stamp of 13 digits',
      'The migration Homeless1763600000009 does not say for which entities it is',
      'router 1: databaseForRead sends Author to "nowhere"',
      '2 reports are named "sales"; rename all but one.',
    ]) {
      expect(mistakes.filter((mistake) => mistake.startsWith(part))).toHaveLength(1)
    }
    expect(new Set(mistakes).size).toBe(mistakes.length)
  })

  test('finds what stands among the reports and is none', async () => {
    const mistakes = await mistakesOf({ placement: [], reports: [SALES, { name: 'other' } as never] })
    expect(mistakes).toEqual(['Not everything in `reports` is a report; make each with defineReport().'])
  })

  test('names a URL that cannot be read beside the other mistakes', async () => {
    const mistakes = await mistakesOf({
      databases: { a: 'oracle://host/db', b: 'mysql://host' },
      placement: [place(User, 'a'), place(User, 'b')],
    })
    expect(mistakes).toEqual([
      expect.stringMatching(/^Database "a": its URL .*names no engine/),
      expect.stringMatching(/^Database "b": its URL .*cannot be read/),
      'User is placed 2 times: in a and b.',
    ])
  })

  test('finds relations across databases of a schema and of a parent class', async () => {
    const placement = [place(Author, 'a'), place(Note, 'b'), place(Letter, 'b')]
    expect(await mistakesOf({ placement })).toEqual([
      expect.stringMatching(/^Note\.author relates to Author across databases/),
      expect.stringMatching(/^Letter\.author relates to Author across databases/),
    ])
  })

  test('finds relations and references to what is not placed', async () => {
    expect(await mistakesOf({ placement: [place(Stray, 'a')] })).toEqual([
      expect.stringMatching(/^Stray\.other relates to .*not placed/),
      'Stray.authorId references Author, which is not placed.',
    ])
  })

  test('allows a relation within one database', async () => {
    expect(await mistakesOf({ placement: [place(Author, 'b'), place(Book, 'b')] })).toEqual([])
  })

  test('finds two entities of one name', async () => {
    expect(await mistakesOf({ placement: [place(User, 'a'), place(Twin, 'b')] })).toEqual([
      '2 different entities are named User; rename one.',
    ])
  })

  test('finds a migration that is listed twice or is for what is not placed', async () => {
    const listed = await mistakesOf({
      placement: [place(User, 'a')],
      migrations: [migrations[0], migrations[0], migrations[1]],
    })
    expect(listed).toEqual([
      expect.stringMatching(/^The migration CreateUsers\d+ is listed twice/),
      expect.stringMatching(/^The migration CreateProducts\d+ is for Product, which is not placed/),
    ])
  })

  test('finds a reference that a router does not allow', async () => {
    const placement = [place(User, 'a'), place(Product, 'a'), place(Order, 'b')]
    const routers = [{ allowRelation: (_from: unknown, to: unknown) => (to === User ? false : undefined) }]
    expect(await mistakesOf({ placement, routers })).toEqual([
      'Order.userId references User, which a router does not allow.',
    ])
  })

  test('finds a router that sends an entity where it has no table', async () => {
    const routers = [{ databaseForRead: () => 'b' }]
    expect(await mistakesOf({ placement: [place(User, 'a')], routers })).toEqual([
      expect.stringMatching(/^router 1: databaseForRead sends User to "b", which does not have its table/),
    ])
  })
})

describe('two names for one physical database', () => {
  const shared = [expect.stringMatching(/^"a" and "b" are one physical database \(.*\); give it one name/)]
  const check = (a: string, b: string) => mistakesOf({ databases: { a, b } as never, placement: [place(User, 'a')] })

  test.each([
    ['the same file', 'sqlite:x.db', 'sqlite:./x.db'],
    ['the same file by its full path', 'sqlite:x.db', `sqlite:${process.cwd()}/x.db`],
    ['the same server', 'postgres://u:p@host/db', 'postgresql://v:q@host:5432/db'],
    ['the same host by another name', 'postgres://localhost/db', 'postgres://127.0.0.1/db'],
    ['the same host in other letters', 'postgres://HOST/db', 'postgres://host/db'],
    ['MySQL and MariaDB', 'mysql://host/db', 'mariadb://host:3306/db'],
  ])('are found: %s', async (_, a, b) => {
    expect(await check(a, b)).toEqual(shared)
  })

  test.each([
    ['another file', 'sqlite:x.db', 'sqlite:y.db'],
    ['another database', 'postgres://host/db', 'postgres://host/db2'],
    ['another port', 'mysql://host/db', 'mysql://host:3307/db'],
    ['another engine', 'postgres://host/db', 'mysql://host/db'],
    ['two databases in memory', 'sqlite::memory:', 'sqlite::memory:'],
  ])('are not seen in %s', async (_, a, b) => {
    expect(await check(a, b)).toEqual([])
  })

  test('are found through a link to the file', async () => {
    const folder = await tempFolder('links')
    await writeFile(join(folder, 'real.db'), '')
    await symlink(join(folder, 'real.db'), join(folder, 'link.db'))
    expect(await check(`sqlite:${folder}/real.db`, `sqlite:${folder}/link.db`)).toEqual(shared)
  })

  test('are found through a link to the folder of a file that is not there yet', async () => {
    const folder = await tempFolder('links')
    await mkdir(join(folder, 'real'))
    await symlink(join(folder, 'real'), join(folder, 'link'))
    expect(await check(`sqlite:${folder}/real/new.db`, `sqlite:${folder}/link/new.db`)).toEqual(shared)
    expect(await check(`sqlite:${folder}/real/sub/new.db`, `sqlite:${folder}/link/sub/new.db`)).toEqual(shared)
  })

  test('are found through a link to a file that is not there yet', async () => {
    const folder = await tempFolder('links')
    await symlink(join(folder, 'real.db'), join(folder, 'link.db'))
    expect(await check(`sqlite:${folder}/real.db`, `sqlite:${folder}/link.db`)).toEqual(shared)
  })
})
