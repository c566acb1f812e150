import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { removeAtEnd } from '../helpers/cleanup'
import { runCommand, type CommandResult } from '../helpers/command'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { tempFolder } from '../helpers/temp'
import { dataFile } from './mixed-records'
import { makeShop, outcomeCounts, simulate, startSimulation, type Shop } from './shop'

const [sqlite, postgres, mysql] = ENGINES as readonly [TestEngine, TestEngine, TestEngine]

/** Runs a command in an empty folder and answers how it ended and what it left there. */
async function run(
  args: readonly string[],
  prepare: (folder: string) => Promise<unknown> = async () => undefined,
  env = {},
) {
  const cwd = await tempFolder('wrong')
  await prepare(cwd)
  const before = await readdir(cwd)
  const result = await runCommand(args, { cwd, env })
  return { ...result, left: (await readdir(cwd)).filter((name) => !before.includes(name)) }
}

/** One clear sentence, or two lines where the second says where the help is; no stack, no code of ours. */
function expectOneLine({ stderr }: CommandResult, pattern: RegExp): void {
  expect(stderr).toMatch(pattern)
  expect(stderr).not.toMatch(/\n\s+at |node:internal|\.js:\d+|SY_/)
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => !line.includes('--help')),
  ).toHaveLength(1)
}

const WRONG_FLAGS: readonly [flags: string, says: RegExp][] = [
  ['--threads 0', /--threads must be a whole number from 1 to 64/],
  ['--threads 65', /--threads must be a whole number from 1 to 64/],
  ['--threads x', /--threads must be a whole number from 1 to 64/],
  ['--threads 1.5', /--threads must be/],
  ['--threads 1 --threads 2', /^--threads is given twice; give it once\./],
  ['--data a.json --data b.json', /^--data is given twice/],
  ['--config a.js --config b.js --config c.js', /^--config is given 3 times/],
  ['--threads', /threads/],
  ['--threads=', /threads/],
  ['--batch 0', /--batch must be a whole number from 1 to 10000/],
  ['--count 0', /--count must be/],
  ['--count -5', /--count must be/],
  ['--count 1e300', /--count must be/],
  ['--count 5 --seed 0', /--seed must be a whole number from 1/],
  ['--count 5 --seed 9007199', /--seed must be a whole number from 1/],
  ['--count 5 --invalid 1.1', /--invalid must be a number from 0 to 1/],
  ['--count 5 --invalid x', /--invalid must be/],
  ['--wait -1', /--wait must be/],
  ['--count 5 --data x.json', /leave --data out/],
  ['--seed 3', /^--seed is for made records: give --count N too, or leave --seed out\./],
  ['--invalid 0.2', /^--invalid is for made records: give --count N too/],
  ['--thread 5', /thread/],
  ['--nonsense', /nonsense/],
  ['extra', /extra/],
  ['--data', /data/],
  ['--data=', /Data file/],
  ['--config=', /Config file/],
]

describe('a wrong flag', () => {
  test.each(WRONG_FLAGS)(
    '(simulate-insertions %s) ends with 2 and one line, and makes nothing',
    async (flags, says) => {
      const result = await run(['simulate-insertions', ...flags.split(' ')])
      expect({ code: result.code, stdout: result.stdout, left: result.left }).toEqual({ code: 2, stdout: '', left: [] })
      expectOneLine(result, says)
    },
  )

  test.each([
    ['generate-pdf-report', '--rows -1', /--rows must be/],
    ['generate-pdf-report', '--rows x', /--rows must be/],
    ['generate-pdf-report', '--output=', /output/],
    ['generate-pdf-report', '--output a.pdf --output b.pdf', /^--output is given twice/],
    ['shardyard', 'runs --limit 1 --limit 2', /^--limit is given twice/],
    ['generate-pdf-report', '--threads 5', /threads/],
    ['shardyard', 'runs --limit 0', /--limit must be/],
    ['shardyard', 'rnus', /rnus|runs/],
    ['shardyard', 'simulate-insertions --threads 99', /--threads must be/],
  ])('(%s %s) ends with 2 and one line, and makes nothing', async (bin, flags, says) => {
    const result = await run([bin, ...flags.split(' ')])
    expect({ code: result.code, stdout: result.stdout, left: result.left }).toEqual({ code: 2, stdout: '', left: [] })
    expectOneLine(result, says)
  })

  test('is not what --help and --version are', async () => {
    for (const args of [
      ['simulate-insertions', '--help'],
      ['generate-pdf-report', '-h'],
      ['shardyard', '--help'],
      ['shardyard', '--version'],
    ]) {
      const { code, stdout, stderr, left } = await run(args)
      expect({ args, code, stderr, left, isLong: stdout.length > 4 }).toEqual({
        args,
        code: 0,
        stderr: '',
        left: [],
        isLong: true,
      })
    }
  })
})

type Prepare = (folder: string) => Promise<unknown>

const WRONG_DATA: readonly [what: string, prepare: Prepare, says: RegExp][] = [
  ['is missing', async () => undefined, /data\.json".*cannot be read.*Check the path/],
  ['is a folder', (folder) => mkdir(join(folder, 'data.json')), /not a regular file/],
  ['is a device', (folder) => symlink('/dev/zero', join(folder, 'data.json')), /not a regular file/],
  ['is a link to itself', (folder) => symlink('data.json', join(folder, 'data.json')), /cannot be read/],
  ['is empty', (folder) => dataFile(folder, '', 'data.json'), /not JSON/],
  ['is cut off', (folder) => dataFile(folder, '[{"entity":"User"', 'data.json'), /not JSON/],
  ['is no list', (folder) => dataFile(folder, { entity: 'User' }, 'data.json'), /holds one object, not a list/],
  ['is null', (folder) => dataFile(folder, 'null', 'data.json'), /holds null, not a list/],
  [
    'has secrets where it is broken',
    (folder) => dataFile(folder, '[{"password": "hunter2" oops}]', 'data.json'),
    /not JSON/,
  ],
  [
    'has a key __proto__',
    (folder) => dataFile(folder, '[{"entity":"User","__proto__":{"name":"x"}}]', 'data.json'),
    /record 0 has the key "__proto__".*Remove it/,
  ],
  [
    'has a deep __proto__',
    (folder) => dataFile(folder, '[1,{"a":[{"__proto__":1}]}]', 'data.json'),
    /record 1 has the key "__proto__"/,
  ],
  [
    'has a key constructor',
    (folder) => dataFile(folder, '[{"constructor":{"prototype":1}}]', 'data.json'),
    /"constructor"/,
  ],
  [
    'is nested 100,000 levels deep',
    (folder) => dataFile(folder, '['.repeat(1e5) + ']'.repeat(1e5), 'data.json'),
    /nested|not JSON/,
  ],
  [
    'is no UTF-8',
    (folder) => writeFile(join(folder, 'data.json'), Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d])),
    /not UTF-8/,
  ],
  [
    'is UTF-16',
    (folder) => writeFile(join(folder, 'data.json'), Buffer.from('\ufeff[]', 'utf16le')),
    /not UTF-8|not JSON/,
  ],
  [
    'has a line of 100 MB',
    (folder) => writeFile(join(folder, 'data.json'), Buffer.alloc(100 * 2 ** 20, 0x20)),
    /100 MB.*Split it/,
  ],
  [
    'has a record of 2 MB',
    (folder) => dataFile(folder, [{ entity: 'User' }, { entity: 'User', name: 'n'.repeat(2 ** 21) }], 'data.json'),
    /record 1 has more than 1 MB/,
  ],
  [
    'is a pipe that nobody writes into',
    async (folder) => execFileSync('mkfifo', [join(folder, 'data.json')]),
    /not a regular file/,
  ],
  [
    'is JSON lines',
    (folder) => dataFile(folder, '{"entity":"User"}\n{"entity":"User"}\n', 'data.json'),
    /not JSON|not a list/,
  ],
]

describe('a data file that', () => {
  test.each(WRONG_DATA)('%s ends the command with 2 and one line, and makes nothing', async (_what, prepare, says) => {
    const result = await run(['simulate-insertions', '--data', 'data.json'], prepare)
    expect({ code: result.code, stdout: result.stdout, left: result.left }).toEqual({ code: 2, stdout: '', left: [] })
    expectOneLine(result, says)
    expect(result.stderr).not.toContain('hunter2')
  })
})

const WRONG_URLS: readonly [url: string, says: RegExp][] = [
  ['mssql://u:hunter2@h/db', /Database "users": the environment variable SHARDYARD_USERS_URL .*names no engine/],
  ['hunter2', /SHARDYARD_USERS_URL/],
  ['postgres://u:hunter2@h:99999/db', /SHARDYARD_USERS_URL.*cannot be read/],
  ['postgres:///db', /SHARDYARD_USERS_URL/],
  ['mysql://u:hunter2@h', /SHARDYARD_USERS_URL.*cannot be read/],
  ['sqlite:', /SHARDYARD_USERS_URL/],
  ['mssql://u:a@hunter2@h/db', /SHARDYARD_USERS_URL/],
]

describe('a database in memory', () => {
  test.each([
    ['users', /^A load cannot use "users", which is in memory: [^\n]* Give a file, such as sqlite:/],
    ['control', /^A load cannot use "control", which is in memory/],
  ])('(%s) ends a load with 2 and one sentence, and makes nothing', async (database, says) => {
    const env = { [`SHARDYARD_${database.toUpperCase()}_URL`]: 'sqlite::memory:' }
    const result = await run(['simulate-insertions', '--threads', '2'], undefined, env)
    expect({ code: result.code, stdout: result.stdout, left: result.left }).toEqual({ code: 2, stdout: '', left: [] })
    expectOneLine(result, says)
  })
})

describe('a database address that', () => {
  test.each(WRONG_URLS)(
    '(%s) cannot be right ends the command with 2 and one line without the password',
    async (url, says) => {
      const result = await run(['simulate-insertions'], undefined, { SHARDYARD_USERS_URL: url })
      expect({ code: result.code, stdout: result.stdout, left: result.left }).toEqual({ code: 2, stdout: '', left: [] })
      expectOneLine(result, says)
      if (url !== 'hunter2') expect(result.stderr).not.toContain('hunter2')
    },
  )

  test('names a file that is no database ends the command with 2 and leaves the file as it is', async () => {
    const shop = await makeShop(sqlite, 'no database')
    const file = await dataFile(shop.folder, 'This is no database. '.repeat(50), 'text.db')
    const result = await simulate(shop, [], { env: { SHARDYARD_ORDERS_URL: `sqlite:${file}` } })
    expect(result.code).toBe(2)
    expectOneLine(
      { ...result, stderr: result.stderr.replace(/^(?!.*orders).*\n/gm, '') },
      /"orders".*(not a database|no database)/,
    )
  })

  test('names a folder ends the command with 2 and one line', async () => {
    const shop = await makeShop(sqlite, 'folder')
    const result = await simulate(shop, [], { env: { SHARDYARD_ORDERS_URL: `sqlite:${shop.folder}` } })
    expect(result.code).toBe(2)
    expect(result.stderr).toMatch(/"orders".*unable to open/)
    expect(result.stderr).not.toMatch(/\n\s+at /)
  })

  test.each(['/dev/null/orders.db', '/proc/orders.db', '/proc/nothing/orders.db', 'file.txt/orders.db'])(
    'names a place where no file can be made (%s) ends the command with 2 and one sentence, and makes nothing',
    async (place) => {
      const shop = await makeShop(sqlite, 'no place')
      await dataFile(shop.folder, 'No folder.', 'file.txt')
      const env = { SHARDYARD_ORDERS_URL: `sqlite:${resolve(shop.folder, place)}` }
      const { code, stdout, stderr } = await simulate(shop, [], { env })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^Nothing was changed[^\n]* Mend its address[^\n]*"orders"[^\n]*\n$/)
    },
  )

  test('is the same for two databases ends the command with 2', async () => {
    const shop = await makeShop(sqlite, 'one file')
    const result = await simulate(shop, [], { env: { SHARDYARD_ORDERS_URL: shop.urls.users } })
    expect([result.code, result.stdout]).toEqual([2, ''])
    expect(result.stderr).toMatch(/"?users"?.*"?orders"?/s)
  })
})

async function expectRefused(engine: TestEngine, url: string): Promise<void> {
  const shop = await makeShop(engine, 'refused')
  const result = await simulate(shop, [], { env: { SHARDYARD_ORDERS_URL: url } })
  expect(result.code).toBe(2)
  expect(result.stderr).toMatch(/Mend its address or its rights, then run this again: "orders"/)
  expect(result.stderr).not.toContain('when it answers')
  expect(result.stdout + result.stderr).not.toContain('hunter2')
  expect(result.stderr).not.toMatch(/\n\s+at /)
}

describe('a server that refuses', () => {
  test('a wrong password on PostgreSQL ends the command with 2 and never prints it', async () => {
    const { url } = await postgres.createDatabase('wrong password')
    const role = `clerk_${process.pid}`
    const admin = new Client({ connectionString: url })
    await admin.connect()
    const [{ rules }] = (await admin.query(`SELECT pg_read_file(current_setting('hba_file')) AS rules`)).rows as [
      { rules: string },
    ]
    const setRules = async (text: string) => {
      const [{ file }] = (await admin.query(`SELECT current_setting('hba_file') AS file`)).rows as [{ file: string }]
      const lines = text.split('\n').map((line) => admin.escapeLiteral(line.trimEnd()))
      await admin.query(`COPY (SELECT unnest(ARRAY[${lines.join(', ')}])) TO ${admin.escapeLiteral(file)}`)
      await admin.query('SELECT pg_reload_conf()')
    }
    removeAtEnd(async () => {
      await setRules(rules)
      await admin.query(`DROP ROLE ${role}`)
      await admin.end()
    })
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'right'`)
    await setRules(`host all ${role} all scram-sha-256\n${rules}`)
    const wrong = new URL(url)
    wrong.username = role
    wrong.password = 'hunter2'
    await expectRefused(postgres, wrong.href)
  })

  test('a wrong password on MariaDB ends the command with 2 and never prints it', async () => {
    const { url } = await mysql.createDatabase('wrong password')
    const user = `clerk_${process.pid}`
    const admin = await createConnection(url)
    removeAtEnd(async () => {
      await admin.query(`DROP USER '${user}'@'%'`)
      await admin.end()
    })
    await admin.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'right'`)
    const wrong = new URL(url)
    wrong.username = user
    wrong.password = 'hunter2'
    await expectRefused(mysql, wrong.href)
  })

  test.each([postgres, mysql])('a database that does not exist on $name ends the command with 2', async (engine) => {
    const { url } = await engine.createDatabase('there')
    await expectRefused(engine, `${url}_not`)
  })

  test.each([postgres, mysql])(
    'to answer at all on $name ends the command with 1, and it can be run again',
    async (engine) => {
      const { url } = await engine.createDatabase('nobody')
      const dead = new URL(url)
      dead.port = '1'
      const shop = await makeShop(engine, 'dead')
      const result = await simulate(shop, ['--wait', '0'], { env: { SHARDYARD_ORDERS_URL: dead.href } })
      expect(result.code).toBe(1)
      expect(result.stderr).toMatch(/"orders"/)
      expect(result.stderr).not.toMatch(/\n\s+at /)
    },
  )
})

describe('an output that cannot be written', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await makeShop(sqlite, 'output')
    await simulate(shop, ['--threads', '2'])
  })

  test.each([
    ['a folder', (folder: string) => mkdir(join(folder, 'out.pdf')), 'out.pdf'],
    ['a file in a missing folder', async () => undefined, 'missing/out.pdf'],
    ['a file under a file', (folder: string) => writeFile(join(folder, 'file'), ''), 'file/out.pdf'],
    ['a place of the kernel', async () => undefined, '/proc/out.pdf'],
    ['a name that is too long', async () => undefined, `${'n'.repeat(300)}.pdf`],
  ])('(%s) ends the report with 2 and one line, and leaves nothing', async (_what, prepare, output) => {
    await prepare(shop.folder)
    const before = await readdir(shop.folder)
    const result = await runCommand(['generate-pdf-report', '--output', output], { cwd: shop.folder, env: shop.env })
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' })
    expectOneLine(result, /out\.pdf|nnn/)
    expect(await readdir(shop.folder)).toEqual(before)
  })
})

test('an output that cannot be written is told before the simulation runs', async () => {
  const shop = await makeShop(sqlite, 'output first')
  const args = ['generate-pdf-report', '--output', 'missing/out.pdf']
  const result = await runCommand(args, { cwd: shop.folder, env: shop.env })
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' })
  expectOneLine(result, /out\.pdf/)
})

describe('a .env file that', () => {
  test.each([
    ['is a folder', (folder: string) => mkdir(join(folder, '.env'))],
    ['sets a wrong address', (folder: string) => writeFile(join(folder, '.env'), 'SHARDYARD_USERS_URL=oops:db\n')],
  ])('%s ends the command with 2 and one line', async (_what, prepare) => {
    const result = await run(['simulate-insertions'], prepare)
    expect({ code: result.code, stdout: result.stdout, left: result.left }).toEqual({ code: 2, stdout: '', left: [] })
    expectOneLine(result, /\.env|SHARDYARD_USERS_URL/)
  })
})

test('a reader that closes its end early does not stop the load', async () => {
  const shop = await makeShop(sqlite, 'closed pipe')
  const child = startSimulation(shop, ['--threads', '2'])
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = (await once(child, 'close')) as [number | null]
  expect([code, await outcomeCounts(shop)]).toEqual([0, { accepted: 24, rejected: 6 }])
})
