import { execFileSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { ENGINES, sqliteOrAll, type TestEngine } from '../helpers/engines'
import { tempFolder } from '../helpers/temp'
import { runCommand } from '../helpers/command'
import { freshDepot } from '../pipeline/ingest/depot'
import { dataFile } from './mixed-records'
import { ask, commandOf, makeShop, runJson, simulate, type Shop } from './shop'

const [sqlite] = ENGINES as readonly [TestEngine]

function report(shop: Shop, args: readonly string[] = []) {
  return commandOf(shop, ['generate-pdf-report', ...args])
}

function textOf(shop: Shop, name = 'insertion-report.pdf'): string {
  const pdftotext = process.env['SHARDYARD_TEST_PDFTOTEXT'] ?? 'pdftotext'
  return execFileSync(pdftotext, ['-layout', join(shop.folder, name), '-'], { encoding: 'utf8' })
}

describe.each(sqliteOrAll())('generate-pdf-report on $name', (engine) => {
  test('with no run recorded runs the simulation first and says so', async () => {
    const shop = await makeShop(engine, 'report first')
    const { code, stdout, stderr } = await report(shop)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^No run is recorded yet: the simulation runs first, on the sample data with 10 threads\.$/m)
    expect(stdout).toMatch(/Run \w+ is in insertion-report\.pdf \(\d+ pages, [\d,]+ kB\)\.\n$/)
    const text = textOf(shop)
    for (const words of ['Alice', 'Email already used', 'Quantity must be positive', 'User 8 does not exist', '80.0']) {
      expect(text).toContain(words)
    }
  })

  test('of the same run has the same bytes, and says that it overwrites', async () => {
    const shop = await makeShop(engine, 'report twice')
    const { id } = await runJson(shop, ['--threads', '3'])
    await report(shop)
    const first = await readFile(join(shop.folder, 'insertion-report.pdf'))
    await runJson(shop, ['--threads', '3'])
    const { stdout } = await report(shop, ['--run', id])
    expect(stdout).toContain('The file was there and is overwritten.')
    expect((await readFile(join(shop.folder, 'insertion-report.pdf'))).equals(first)).toBe(true)
    expect(await readdir(shop.folder)).toEqual(['insertion-report.pdf'])
  })
})

describe('generate-pdf-report', () => {
  test('tells of the latest run, or of the one that is named', async () => {
    const shop = await makeShop(sqlite, 'which run')
    const first = await runJson(shop, ['--threads', '2'])
    const second = await runJson(shop, ['--count', '30', '--threads', '2'])
    await report(shop)
    expect(textOf(shop)).toContain(second.id)
    await report(shop, ['--run', first.id, '--output', 'first.pdf'])
    expect(textOf(shop, 'first.pdf')).toContain(first.id)
    expect(textOf(shop, 'first.pdf')).not.toContain(second.id)
  })

  test.each([[true], [false]])('of an unknown run ends with 2 and one line (runs recorded: %s)', async (hasRuns) => {
    const shop = await makeShop(sqlite, 'unknown run')
    if (hasRuns) await simulate(shop, ['--threads', '2'])
    const result = await report(shop, ['--run', `nobody'; --`])
    expect(result).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `No run "nobody'; --" is recorded. "shardyard runs" lists them.\n`,
    })
    expect(await readdir(shop.folder)).toEqual([])
  })

  test('cuts its tables at --rows and says how many rows there are', async () => {
    const shop = await makeShop(sqlite, 'rows')
    await simulate(shop, ['--threads', '2'])
    await report(shop, ['--rows', '3', '--output', 'short.pdf'])
    const text = textOf(shop, 'short.pdf').replaceAll(/\s+/g, ' ')
    // Three of an entity: its two rejects, and the first of those accepted.
    expect(text).toContain('1 of 8 rows shown; use --rows to show more')
    expect(text).not.toContain('henry@example.com')
    expect((await report(shop, ['--rows', '0', '--output', 'none.pdf'])).code).toBe(0)
    expect(textOf(shop, 'none.pdf')).not.toContain('alice@example.com')
  })

  test('prints every row of an entity with the --rows that the terminal names', async () => {
    const shop = await makeShop(sqlite, 'all rows')
    const { stdout } = await simulate(shop, ['--count', '150', '--threads', '2', '--batch', '50'])
    const [, id, rows] = /"generate-pdf-report --run (\w+) --rows (\d+)" prints them all/.exec(stdout) ?? []
    expect(rows).toBe('50')
    await report(shop, ['--run', String(id), '--rows', String(rows)])
    expect(textOf(shop)).not.toContain('rows shown')
  })

  test('prints what records hold as text: duplicates with their run, a script and a wide alphabet', async () => {
    const shop = await makeShop(sqlite, 'content')
    const names = ['Ünal Çağrı ✓', 'Ωμέγα Иван', '<script>alert(1)</script>', `(x) Tj \\n`, 'x'.repeat(100)]
    const data = await dataFile(
      shop.folder,
      names.map((name, index) => ({ entity: 'Product', id: index + 1, name, price: 1 })),
    )
    const { id } = await runJson(shop, ['--data', data, '--threads', '2'])
    await runJson(shop, ['--data', data, '--threads', '2'])
    await report(shop)
    const text = textOf(shop)
    for (const words of ['Ünal Çağrı ✓', 'Ωμέγα Иван', 'alert(1)', '(x) Tj', id]) expect(text).toContain(words)
  })

  test('of a run that was not finished says that it was not', async () => {
    const shop = await makeShop(sqlite, 'unfinished')
    await simulate(shop, ['--threads', '2'], { env: { SHARDYARD_FAULTS: 'committed=kill@4' } })
    const { code } = await report(shop)
    expect(code).toBe(0)
    expect(textOf(shop)).toMatch(/INTERRUPTED: .*its process has died/s)
    expect(textOf(shop)).not.toContain('STILL RUNNING')
  })

  test('tells the latency of batches as that of batches', async () => {
    const shop = await makeShop(sqlite, 'batch latency')
    await simulate(shop, ['--threads', '2', '--batch', '5'])
    await report(shop)
    expect(textOf(shop)).toMatch(/batch/i)
  })
})

describe('generate-pdf-report of an ingestion', () => {
  test('tells of the latest run, whatever its kind, and of a file that it names', async () => {
    const depot = await freshDepot(sqlite, 'report')
    await depot.ingest([await depot.write('items.csv', 'code,title,price\nk1,Lamp,1.50\nk2,,2.50\n')])
    const cwd = depot.folder
    const { code, stdout } = await runCommand(['generate-pdf-report', '--config', depot.config], { cwd })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Run \w+ is in insertion-report\.pdf \(\d pages?, /)])
    const pdftotext = process.env['SHARDYARD_TEST_PDFTOTEXT'] ?? 'pdftotext'
    const text = execFileSync(pdftotext, ['-layout', join(cwd, 'insertion-report.pdf'), '-'], { encoding: 'utf8' })
    for (const words of ['Ingestion report', 'Item from ', 'k2,,2.50']) expect(text).toContain(words)
  })
})

describe('a .env file', () => {
  test('is read by the commands, and the environment goes before it', async () => {
    const folder = await tempFolder('env')
    await writeFile(
      join(folder, '.env'),
      'SHARDYARD_USERS_URL=sqlite:mine/u.db\nSHARDYARD_ORDERS_URL=sqlite:mine/o.db\n',
    )
    const env = { SHARDYARD_ORDERS_URL: 'sqlite:theirs/o.db' }
    expect((await runCommand(['simulate-insertions', '--threads', '2'], { cwd: folder, env })).code).toBe(0)
    expect((await readdir(folder)).toSorted()).toEqual(['.env', 'data', 'mine', 'theirs'])
    expect((await readdir(join(folder, 'data'))).filter((name) => name.endsWith('.db'))).toEqual([
      'control.db',
      'products.db',
    ])
    expect((await runCommand(['generate-pdf-report'], { cwd: folder, env })).stdout).not.toContain('No run is recorded')
    expect((await runCommand(['shardyard', 'config'], { cwd: folder, env })).stdout).toContain('mine/u.db')
  })
})

describe('shardyard runs', () => {
  test('says that there are none, and makes no file', async () => {
    const cwd = await tempFolder('runs')
    const { code, stdout, stderr } = await runCommand(['shardyard', 'runs'], { cwd })
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'No run is recorded yet. "simulate-insertions" makes one.\n',
      stderr: '',
    })
    expect((await runCommand(['shardyard', 'runs', '--json'], { cwd })).stdout).toBe('[]\n')
    expect(await readdir(cwd)).toEqual([])
  })

  test.each(ENGINES)('lists the newest first, finished or not, on $name', async (engine) => {
    const shop = await makeShop(engine, 'runs')
    const first = await runJson(shop, ['--threads', '2'])
    await simulate(shop, ['--count', '60', '--threads', '2', '--batch', '5'], {
      env: { SHARDYARD_FAULTS: 'committed=kill@2' },
    })
    const { stdout } = await commandOf(shop, ['shardyard', 'runs', '--json'])
    const runs = JSON.parse(stdout) as Record<string, unknown>[]
    expect(runs).toMatchObject([
      { state: 'interrupted', threads: 2, batch: 5, finishedAt: null, identity: 'generator:v1 seed=1 invalid=0.15' },
      { id: first.id, state: 'complete', threads: 2, batch: 1, source: 'sample data (30 records)' },
    ])
    const table = (await commandOf(shop, ['shardyard', 'runs', '--limit', '1'])).stdout
    expect(table).toContain(String(runs[0]?.['id']))
    expect(table).not.toContain(first.id)
  })

  test.each([
    ['running', 'this process', `${hostname()}:${process.pid}`, '+1 minute'],
    ['running', 'a process of another machine', 'elsewhere:1', '+1 minute'],
    ['interrupted', 'a process of another machine whose lease is over', 'elsewhere:1', '-1 second'],
    ['interrupted', 'a process that is gone', `${hostname()}:4194305`, '+1 minute'],
  ])('shows as %s what %s has begun, and writes nothing', async (state, _who, owner, lease) => {
    const shop = await makeShop(sqlite, 'owner')
    await simulate(shop, ['--threads', '2'])
    const leaseUntil = `strftime('%Y-%m-%d %H:%M:%f', 'now', '${lease}')`
    const set = `state = 'running', openSource = source, owner = '${owner}', leaseUntil = ${leaseUntil}`
    await ask(sqlite, shop.urls.control, `UPDATE shardyard_runs SET ${set}`)
    const before = await ask(sqlite, shop.urls.control, 'SELECT * FROM shardyard_runs')
    expect(JSON.parse((await commandOf(shop, ['shardyard', 'runs', '--json'])).stdout)).toMatchObject([{ state }])
    await report(shop)
    expect(textOf(shop)).toContain(state === 'running' ? 'STILL RUNNING' : 'INTERRUPTED')
    expect(await ask(sqlite, shop.urls.control, 'SELECT * FROM shardyard_runs')).toEqual(before)
  })

  test('of a control database that is down ends with 1 and a sentence', async () => {
    const shop = await makeShop(sqlite, 'runs down')
    const env = { SHARDYARD_CONTROL_URL: 'postgres://u:hunter2@127.0.0.1:1/control' }
    const { code, stdout, stderr } = await commandOf(shop, ['shardyard', 'runs'], { env })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/"control" \(postgres 127\.0\.0\.1:1\/control\)/)
    expect(stderr).not.toMatch(/hunter2|\n\s+at /)
  })
})
