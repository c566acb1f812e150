/** The report of a simulation, made from its account and the lines of its ledger. */
import { formatCount, formatText } from './look/print-value.js'
import { latencyBlocks, latencyFigures } from './latency-blocks.js'
import type { Block, Figures, ReportModel } from './report-model.js'
import { addCounts, type Counts, type EntityAccount, type ReadLines, type RunAccount } from './run-account.js'
import { listTable } from './run-lists.js'
import { VERDICT_ORDER, aboutRun, chartDatabases, tellBalance, tellCounts, tellState } from './run-words.js'
import { databaseTable, reasonTable, threadTable } from './simulation-tables.js'

export interface RunModelOptions {
  /** Most rows that formats for people show of each entity, shared among its lists; they say how many there are. */
  readonly rowsMax: number
  readonly signal?: AbortSignal | undefined
}

/** What a simulation has done. The first lines of each list are read for its columns; the rest when they are written. */
export async function simulationModel(
  account: RunAccount,
  readLines: ReadLines,
  options: RunModelOptions,
): Promise<ReportModel> {
  return {
    title: 'Insertion report',
    subtitle: aboutRun(account, account.source),
    asOf: account.finishedAt ?? account.startedAt,
    mainTable: 'databases',
    blocks: [
      tellState(account.state),
      { block: 'heading', text: 'Executive summary' },
      tellCounts(account.counts),
      factsOf(account),
      ...chartDatabases(account.entities),
      ...latencyBlocks(account.latency),
      ...(await entityBlocks(account, readLines, options)),
      { block: 'heading', text: 'Analysis per database' },
      databaseTable(account),
      { block: 'heading', text: 'Reasons' },
      reasonTable(account.entities),
      { block: 'heading', text: 'Analysis per thread' },
      threadTable(account.perThread),
    ],
  }
}

function factsOf(account: RunAccount): Figures {
  const { latency, batch } = account
  const stored =
    account.successRate === undefined ? {} : { note: 'of the records are stored: accepted now, or there before' }
  const shared =
    batch === 1 ? 'with a transaction for each record' : `with ${formatCount(batch)} records in a transaction`
  const ms = { kind: 'decimal', unit: 'ms' } as const
  return {
    block: 'figures',
    figures: [
      { name: 'state', label: 'State', value: account.state, kind: 'text' },
      { name: 'successRate', label: 'Success rate', value: account.successRate ?? null, kind: 'share', ...stored },
      { name: 'balance', label: 'Balance', value: tellBalance(account.counts), kind: 'text' },
      { name: 'threads', label: 'Worker threads', value: account.threads, kind: 'integer', note: shared },
      { name: 'wallMs', label: 'Wall time', value: account.wallMs, ...ms },
      {
        name: 'recordsPerSecond',
        label: 'Throughput',
        value: account.recordsPerSecond,
        kind: 'decimal',
        digits: 1,
        unit: 'records/s',
      },
      ...latencyFigures(latency),
    ],
  }
}

async function entityBlocks(
  account: RunAccount,
  readLines: ReadLines,
  { rowsMax, signal }: RunModelOptions,
): Promise<Block[]> {
  const blocks: Block[] = []
  for (const { entity, places, counts } of joinParts(account.entities)) {
    blocks.push({ block: 'heading', text: entity, note: places.join('\n') })
    const totals = VERDICT_ORDER.map((verdict) => counts[verdict])
    const shares = shareRows(totals, rowsMax)
    for (const [index, verdict] of VERDICT_ORDER.entries()) {
      signal?.throwIfAborted()
      const list = { entity, verdict, total: totals[index] ?? 0, shownMax: shares[index] ?? 0 }
      blocks.push(await listTable(list, account, readLines))
    }
  }
  return blocks
}

/** Shares the rows of an entity among its lists: what a short list leaves goes to the longer ones. */
function shareRows(totals: readonly number[], rowsMax: number): number[] {
  const shares: number[] = []
  let [left, lists] = [rowsMax, totals.length]
  for (const [index, total] of [...totals.entries()].toSorted(([, a], [, b]) => a - b)) {
    const share = Math.min(total, Math.ceil(left / lists--))
    shares[index] = share
    left -= share
  }
  // What no list needs is open to each: a run under way may have more rows than it had when they were counted.
  return shares.map((share) => share + left)
}

/** An entity with all its databases: its rows are read, and shown, once. */
interface WholeEntity {
  readonly entity: string
  readonly places: readonly string[]
  readonly counts: Counts
}

function joinParts(parts: readonly EntityAccount[]): readonly WholeEntity[] {
  const whole = new Map<string, WholeEntity>()
  for (const { entity, database, engine, counts } of parts) {
    const before = whole.get(entity)
    whole.set(entity, {
      entity,
      places: [...(before?.places ?? []), `Database ${formatText(database)} · ${formatText(engine)}`],
      counts: before === undefined ? counts : addCounts(before.counts, counts),
    })
  }
  return [...whole.values()]
}
