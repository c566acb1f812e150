/**
 * Kills ingestions at points and moments that a seed draws, runs them again, and holds their end against that of a run
 * that nothing disturbed and against an independent count. SHARDYARD_CRASH_SEEDS (200) says how many seeds,
 * SHARDYARD_CRASH_FIRST (1) which is the first, SHARDYARD_CRASH_SECONDS (900) when no further one is begun.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { ingestAlone, startIngest } from '../pipeline/ingest/child'
import { freshDepot, type OpenDepot } from '../pipeline/ingest/depot'
import { endState, linesOf } from '../pipeline/ingest/end-state'
import { expectedOf, madeFiles, type Expected, type MadeFile } from '../pipeline/ingest/made-file'
import { Draws } from './draws'

const first = Number(process.env['SHARDYARD_CRASH_FIRST'] ?? 1)
const seeds = Array.from({ length: Number(process.env['SHARDYARD_CRASH_SEEDS'] ?? 200) }, (_, index) => first + index)
const endsAt = performance.now() + Number(process.env['SHARDYARD_CRASH_SECONDS'] ?? 900) * 1000
const POINTS = [
  'chunk',
  'chunk-read',
  'part-read',
  'rows-written',
  'lines-written',
  'before-commit',
  'committed',
] as const

const FILES = madeFiles(3).filter(({ options }) => Object.keys(options).length === 0)
const SETS = { csv: FILES.slice(0, 1), packed: FILES.slice(1, 3), json: FILES.slice(-2), all: FILES } as const
const KINDS = ['csv', 'packed', 'json', 'all'] as const

let ran = 0

/** What is ingested, and where. */
interface Case {
  readonly engine: TestEngine
  readonly isRouted: boolean
  readonly files: readonly MadeFile[]
  readonly chunkBytes: number
}

function drawCase(seed: number, draws: Draws): Case {
  return {
    engine: ENGINES[seed % ENGINES.length] as TestEngine,
    isRouted: draws.between(0, 1) === 1,
    files: SETS[draws.oneOf(KINDS)],
    chunkBytes: draws.oneOf([1, 80, 200, 600, 4_096]),
  }
}

async function depotOf({ engine, isRouted, files }: Case, label: string) {
  const databases = isRouted ? ['north', 'south', 'control'] : ['north', 'control']
  const depot = await freshDepot(engine, label, { databases })
  return { depot, paths: await Promise.all(files.map(({ name, content }) => depot.write(name, content))) }
}

/** Starts an ingestion and has it killed, at a point or at a moment; it may also end before. */
async function killOnce(depot: OpenDepot, paths: readonly string[], given: { draws: Draws; chunkBytes: number }) {
  const { draws, chunkBytes } = given
  const isAtPoint = draws.between(0, 2) > 0
  const faults = isAtPoint ? `${draws.oneOf(POINTS)}=kill@${draws.between(1, 25)}` : ''
  const child = startIngest(depot, paths, { chunkBytes, threads: draws.between(1, 4), faults })
  if (!isAtPoint) {
    await Promise.race([child.end, sleep(draws.between(200, 1_500)).then(() => void child.process.kill('SIGKILL'))])
  }
  await child.end
}

/** A run that came to its end before its kill leaves a further one, of duplicates; the first one's end is compared. */
function firstRun({ runs, ...tables }: Record<string, readonly string[]>) {
  const own = Object.entries(tables).map(([name, rows]) => [
    name,
    name === 'lines' || name.startsWith('parts') ? rows.filter((row) => row.startsWith('1 ')) : rows,
  ])
  return { ...Object.fromEntries(own), firstState: runs?.[0] }
}

/** What an independent count says of the end: outcomes, rows, bytes, and that no hash is there twice. */
async function requireTrue(depot: OpenDepot, { files, isRouted }: Case): Promise<void> {
  const stored = { codes: new Set<string>(), bytes: new Set<string>() }
  const expected = files.map((file) => expectedOf(file, stored))
  const [run] = await depot.ask('control', 'SELECT id FROM shardyard_runs ORDER BY id LIMIT 1')
  const lines = await linesOf(depot, String(run?.['id']))
  const told = ({ position, length, outcome }: Pick<Expected, 'position' | 'length' | 'outcome'>) =>
    `${position} ${length} ${outcome}`
  expect(lines.map((line) => `${line.file} ${told(line)}`)).toEqual(
    expected.flatMap((list, file) => list.map((line) => `${file} ${told(line)}`)),
  )
  for (const { file, position, length, raw } of lines) {
    expect(raw).toEqual(files[file]?.bytes.subarray(position, position + length))
  }
  const shards = isRouted ? ['north', 'south'] : ['north']
  const rows = (await Promise.all(shards.map((name) => depot.ask(name, 'SELECT id, code FROM items')))).flat()
  expect(rows.map(({ code }) => String(code)).toSorted()).toEqual([...stored.codes].toSorted())
  const hashes = await Promise.all(shards.map((name) => depot.ask(name, 'SELECT hash1, hash2 FROM shardyard_hashes')))
  const texts = hashes.flat().map(({ hash1, hash2 }) => `${String(hash1)} ${String(hash2)}`)
  expect([texts.length, new Set(texts).size]).toEqual([rows.length, rows.length])
}

/** Rows and hashes: what a further run must leave as it is. */
function kept(state: Record<string, readonly string[]>) {
  return Object.entries(state).filter(([name]) => name.startsWith('items') || name.startsWith('hashes'))
}

const undisturbed = new Map<string, Promise<Record<string, readonly string[]>>>()

function endWithoutKills(given: Case): Promise<Record<string, readonly string[]>> {
  const run = async () => {
    const { depot, paths } = await depotOf(given, 'undisturbed')
    await depot.ingest(paths, {})
    return endState(depot)
  }
  const key = `${given.engine.name} ${given.isRouted} ${given.files.map(({ name }) => name).join()}`
  const end = undisturbed.get(key) ?? run()
  undisturbed.set(key, end)
  return end
}

describe('an ingestion that is killed', () => {
  test.each(seeds)(
    'and run again ends undisturbed (seed %i)',
    async (seed) => {
      if (performance.now() > endsAt) return
      ran += 1
      const draws = new Draws(seed)
      const given = drawCase(seed, draws)
      const { chunkBytes } = given
      const { depot, paths } = await depotOf(given, `crash ${seed}`)
      for (let kills = draws.between(1, 3); kills > 0; kills--) await killOnce(depot, paths, { draws, chunkBytes })
      // Two at the end, side by side: one resumes or begins the run, the other waits for it.
      const last = Array.from({ length: draws.between(1, 2) }, () =>
        ingestAlone(depot, paths, { chunkBytes, threads: draws.between(1, 3) }),
      )
      for (const { code, answer } of await Promise.all(last)) expect([code, answer.code]).toEqual([0, undefined])
      const end = await endState(depot)
      expect(firstRun(end)).toEqual(firstRun(await endWithoutKills(given)))
      expect(end['runs']?.filter((run) => run !== 'complete closed')).toEqual([])
      await requireTrue(depot, given)
      const again = await depot.ingest(paths, { chunkBytes })
      expect(again.counts.accepted).toBe(0)
      expect(kept(await endState(depot))).toEqual(kept(end))
    },
    180_000,
  )

  afterAll(() => process.stdout.write(`${ran} of ${seeds.length} seeds ran, from ${first} on.\n`))
})
