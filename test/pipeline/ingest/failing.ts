/** Ingestions whose databases fail while they run. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, type ClusterDefinition } from 'shardyard'
import { ingest } from 'shardyard/src/pipeline/ingest/ingest'
import type { IngestAccount } from 'shardyard/src/pipeline/ingest/ingest-account'
import type { IngestEvent, IngestOptions } from 'shardyard/src/pipeline/ingest/ingest-options'
import { Proxy } from '../../cluster/proxy'
import { removeAtEnd } from '../../helpers/cleanup'
import { ENGINES, type TestEngine } from '../../helpers/engines'
import { DEPOT_FILE, freshDepot, openDepot, type DepotOptions, type OpenDepot } from './depot'
import { endState } from './end-state'

const { depot: depotOf } = require(DEPOT_FILE) as {
  depot: (given: { readonly urls: Readonly<Record<string, unknown>> }) => ClusterDefinition
}
const [sqlite] = ENGINES as readonly [TestEngine]

/** Of these records every seventh is refused, every tenth repeats another, and some lines are blank. */
export function mixedCsv(count: number): string {
  const lines = ['code,title,price']
  for (let at = 0; at < count; at++) {
    const number = at % 10 === 9 ? at - 5 : at
    lines.push(`${number % 2 === 0 ? 'a' : 'z'}${number},Thing ${number},${number % 7 === 0 ? 'none' : number}.50`)
    if (at % 50 === 0) lines.push('')
  }
  return `${lines.join('\n')}\n`
}

export const RECORDS = 400
export const CHUNK_BYTES = 700
const SPLIT: DepotOptions = { databases: ['north', 'south', 'control'] }
const WHOLE: DepotOptions = { databases: ['north', 'control'] }

export interface Trial {
  readonly depot: OpenDepot
  readonly file: string
  /** Ingests {@link mixedCsv}; the same call again resumes it. */
  run(options?: Partial<IngestOptions>): Promise<IngestAccount>
}

/** A depot with a file to ingest; with `isSplit` its rows go to two databases. */
export async function makeTrial(engine: TestEngine, label: string, { isSplit = false } = {}): Promise<Trial> {
  const depot = await freshDepot(engine, label, isSplit ? SPLIT : WHOLE)
  const file = await depot.write('a.csv', mixedCsv(RECORDS))
  return { depot, file, run: (options) => runOn(depot.cluster, file, options) }
}

export interface ProxiedTrial extends Trial {
  readonly proxy: Proxy
}

/** The same with one database behind a proxy; `depot` asks it directly. */
export async function proxiedTrial(
  engine: TestEngine,
  name: 'north' | 'control',
  options: { readonly isSplit?: boolean } = {},
): Promise<ProxiedTrial> {
  const trial = await makeTrial(engine, 'proxied', options)
  const proxy = await Proxy.open(trial.depot.urls[name] ?? '')
  const cluster = await openDepot({ ...trial.depot, urls: { ...trial.depot.urls, [name]: proxy.url } })
  return { ...trial, proxy, run: (given) => runOn(cluster, trial.file, given) }
}

/** Ingests the file of a trial through a cluster with another address for one of its databases. */
export async function runWith(
  { depot, file }: Trial,
  urls: Readonly<Record<string, unknown>>,
  options: Partial<IngestOptions> = {},
): Promise<IngestAccount> {
  const cluster = await Cluster.open(depotOf({ urls: { ...depot.urls, ...urls } }))
  removeAtEnd(() => cluster.close())
  return runOn(cluster, file, options)
}

function runOn(cluster: Cluster, file: string, options: Partial<IngestOptions> = {}): Promise<IngestAccount> {
  return ingest(cluster, [file], { into: 'Item', chunkBytes: CHUNK_BYTES, waitMs: 20_000, ...options })
}

const undisturbed = new Map<boolean, Promise<Awaited<ReturnType<typeof endState>>>>()

/** What an ingestion that nothing disturbs leaves, on any engine. */
export function undisturbedEnd({ isSplit = false } = {}): Promise<Awaited<ReturnType<typeof endState>>> {
  const known = undisturbed.get(isSplit)
  if (known !== undefined) return known
  const made = makeTrial(sqlite, 'undisturbed', { isSplit }).then(async ({ depot, run }) => {
    await run()
    return endState(depot)
  })
  undisturbed.set(isSplit, made)
  return made
}

/** Does something once, when a run has got so far. */
export function afterChunks(chunks: number, act: () => unknown): (event: IngestEvent) => void {
  let seen = 0
  return ({ kind }) => {
    if (kind === 'progress' && ++seen === chunks) act()
  }
}

/** Waits until something holds, as a person would look again and again. */
export async function until(holds: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  for (const endsAt = performance.now() + limitMs; !(await holds()); await sleep(50)) {
    if (performance.now() > endsAt) throw new Error(`It did not come true within ${limitMs} ms.`)
  }
}

/** How many records have a line in a database's ledger; 0 before it has one. */
export async function linesIn({ ask }: OpenDepot, database: string): Promise<number> {
  const [row] = await ask(database, 'SELECT count(*) AS lines_there FROM shardyard_lines')
  return Number(row?.['lines_there'])
}
