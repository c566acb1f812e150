/**
 * Kills the command at points and moments that a seed draws, runs it again, and compares its end with that of a run
 * that nothing disturbed. SHARDYARD_CRASH_SEEDS (100) says how many seeds, SHARDYARD_CRASH_FIRST (1) which is the first,
 * SHARDYARD_CRASH_SECONDS (900) when no further one is begun.
 */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENGINES, type TestEngine } from '../helpers/engines'
import { dataFile, mixedRecords } from '../commands/mixed-records'
import { endState, makeShop, runJson, startSimulation, type EndState, type Shop } from '../commands/shop'
import { Draws } from './draws'

const first = Number(process.env['SHARDYARD_CRASH_FIRST'] ?? 1)
const seeds = Array.from({ length: Number(process.env['SHARDYARD_CRASH_SEEDS'] ?? 100) }, (_, index) => first + index)
const endsAt = performance.now() + Number(process.env['SHARDYARD_CRASH_SECONDS'] ?? 900) * 1000
const KINDS = ['mixed', 'generated', 'sample'] as const
const POINTS = ['before-commit', 'committed', 'write', 'task'] as const

let ran = 0
const undisturbed = new Map<string, Promise<EndState>>()

async function dataOf(shop: Shop, kind: (typeof KINDS)[number]): Promise<string[]> {
  if (kind === 'sample') return []
  if (kind === 'generated') return ['--count', '450', '--invalid', '0.3']
  return ['--data', await dataFile(shop.folder, mixedRecords(8))]
}

function endWithoutKills(kind: (typeof KINDS)[number]): Promise<EndState> {
  const run = async () => {
    const shop = await makeShop(ENGINES[0] as TestEngine, 'undisturbed')
    await runJson(shop, [...(await dataOf(shop, kind)), '--threads', '2'])
    return endState(shop)
  }
  const end = undisturbed.get(kind) ?? run()
  undisturbed.set(kind, end)
  return end
}

function flagsOf(draws: Draws): string[] {
  return ['--threads', String(draws.between(1, 6)), '--batch', String(draws.oneOf([1, 1, 3, 10, 100]))]
}

/** Starts the command and has it killed, at a point or at a moment; it may also end before. */
async function killOnce(shop: Shop, args: readonly string[], draws: Draws): Promise<void> {
  const isAtPoint = draws.between(0, 2) > 0
  const faults = isAtPoint ? `${draws.oneOf(POINTS)}=kill@${draws.between(1, 60)}` : ''
  const child = startSimulation(shop, args, { SHARDYARD_FAULTS: faults })
  child.stdout.resume()
  child.stderr.resume()
  const ended = once(child, 'close').then(() => undefined)
  if (!isAtPoint) await Promise.race([ended, sleep(draws.between(30, 900)).then(() => void child.kill('SIGKILL'))])
  await ended
}

/** A run that came to its end before its kill leaves a further one, of duplicates; the first one's end is compared. */
function firstRun({ lines, runs, ...tables }: EndState) {
  return { ...tables, firstState: runs[0], lines: lines.filter((line) => line.startsWith('1 ')) }
}

describe('a command that is killed', () => {
  test.each(seeds)(
    'and run again ends undisturbed (seed %i)',
    async (seed) => {
      if (performance.now() > endsAt) return
      ran += 1
      const draws = new Draws(seed)
      const engine = ENGINES[seed % ENGINES.length] as TestEngine
      const kind = draws.oneOf(KINDS)
      const shop = await makeShop(engine, `crash ${seed}`)
      const data = await dataOf(shop, kind)
      for (let kills = draws.between(1, 4); kills > 0; kills--)
        await killOnce(shop, [...data, ...flagsOf(draws)], draws)
      // Two at the end, side by side: one resumes or begins the run, the other waits for it.
      const last = Array.from({ length: draws.between(1, 2) }, () => runJson(shop, [...data, ...flagsOf(draws)]))
      await Promise.all(last)
      const end = await endState(shop)
      expect(firstRun(end)).toEqual(firstRun(await endWithoutKills(kind)))
      expect(end.runs.filter((run) => run !== 'complete closed')).toEqual([])
    },
    120_000,
  )

  afterAll(() => process.stdout.write(`${ran} of ${seeds.length} seeds ran, from ${first} on.\n`))
})
