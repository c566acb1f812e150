/** What the terminal shows of a run. */
import type { LedgerLine, Outcome, ReadLines, RunAccount } from '../../src/pipeline/reports/run-account.js'
import { table } from '../../src/util/text-table.js'
import { cellText, type CommandIo } from './io.js'

/** Rows of one outcome that a terminal is given. */
const ROWS_MAX = 40
const RECORD_WIDTH = 70

const LISTS: readonly { outcome: Outcome; title: string; mark: string; colour: 'green' | 'red' | 'yellow' }[] = [
  { outcome: 'accepted', title: 'Accepted', mark: '✓', colour: 'green' },
  { outcome: 'rejected', title: 'Rejected', mark: '✗', colour: 'red' },
  { outcome: 'duplicate', title: 'Duplicate', mark: '=', colour: 'yellow' },
]

/** Prints the tables of each database, then the summary. */
export async function printRun(io: CommandIo, account: RunAccount, readLines: ReadLines): Promise<void> {
  for (const { entity, database, engine, counts } of account.entities) {
    io.out('')
    io.out(io.colour('bold', `${entity} in "${database}" (${engine})`))
    io.out(
      `accepted ${whole(counts.accepted)}, rejected ${whole(counts.rejected)}, duplicate ${whole(counts.duplicate)}`,
    )
    for (const list of LISTS) {
      if (counts[list.outcome] > 0)
        await printList(io, { ...list, entity, count: counts[list.outcome], account }, readLines)
    }
  }
  printSummary(io, account)
}

async function printList(
  io: CommandIo,
  list: (typeof LISTS)[number] & { readonly entity: string; readonly count: number; readonly account: RunAccount },
  readLines: ReadLines,
): Promise<void> {
  const rows: string[][] = []
  for await (const line of readLines(list.entity, list.outcome, ROWS_MAX)) rows.push(rowOf(line))
  const last = { accepted: 'Row', rejected: 'Reasons', duplicate: 'Stored by' }[list.outcome as 'accepted']
  const duration = list.account.latency.unit === 'batch' ? 'Batch ms' : 'ms'
  io.out('')
  io.out(io.colour(list.colour, `${list.mark} ${list.title}`))
  io.out(indented(table(['Place', 'Thread', duration, 'Record', last], rows)))
  if (list.count > rows.length) {
    const all = `generate-pdf-report --run ${list.account.id} --rows ${rowsOf(list.account, list.entity)}`
    io.out(`  … and ${whole(list.count - rows.length)} more; "${all}" prints them all.`)
  }
}

/** The rows of an entity in all its lists, which share `--rows`. */
function rowsOf({ entities }: RunAccount, entity: string): number {
  const own = entities.filter((part) => part.entity === entity)
  return own.reduce((sum, { counts }) => sum + counts.accepted + counts.rejected + counts.duplicate, 0)
}

function rowOf(line: LedgerLine): string[] {
  const record = Object.entries(line.record).map(([field, value]) => `${cellText(field, 30)}=${cellText(value, 40)}`)
  return [
    String(line.position),
    String(line.thread),
    (line.durationUs / 1000).toFixed(1),
    cellText(record.join(' '), RECORD_WIDTH),
    resultOf(line),
  ]
}

function resultOf(line: LedgerLine): string {
  switch (line.outcome) {
    case 'rejected':
      return line.reasons.map((reason) => cellText(reason.message, 120)).join('\n')
    case 'duplicate':
      return line.storedBy === undefined
        ? `row ${line.rowId ?? ''}, not by a run of this source`
        : `run ${line.storedBy}`
    default:
      return cellText(line.rowId ?? '')
  }
}

function printSummary(io: CommandIo, account: RunAccount): void {
  const { counts, latency } = account
  const unit = latency.unit === 'batch' ? `batch latency (${account.batch} records each)` : 'latency'
  const rate = account.successRate === undefined ? 'n/a' : `${(account.successRate * 100).toFixed(1)} %`
  io.out('')
  io.out(io.colour('bold', 'Summary'))
  const facts: [string, string][] = [
    ['run', account.id],
    ['source', account.source],
    ['accepted', io.colour('green', whole(counts.accepted))],
    ['rejected', io.colour(counts.rejected > 0 ? 'red' : 'green', whole(counts.rejected))],
    ['duplicate', whole(counts.duplicate)],
    ['success rate', rate],
    ['wall time', `${(account.wallMs / 1000).toFixed(2)} s`],
    ['records/s', whole(Math.round(account.recordsPerSecond))],
    [unit, `p50 ${ms(latency.p50Ms)}, p95 ${ms(latency.p95Ms)}, p99 ${ms(latency.p99Ms)}`],
  ]
  const width = Math.max(...facts.map(([name]) => name.length))
  for (const [name, value] of facts) io.out(`  ${name.padEnd(width)}  ${value}`)
  io.out('')
  const threads = account.perThread.map(({ thread, counts: own, busyMs }) => [
    String(thread),
    whole(own.accepted + own.rejected + own.duplicate),
    whole(own.accepted),
    whole(own.rejected),
    whole(own.duplicate),
    `${(busyMs / 1000).toFixed(2)} s`,
  ])
  io.out(indented(table(['Thread', 'Records', 'Accepted', 'Rejected', 'Duplicate', 'Busy'], threads)))
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}

function whole(value: number): string {
  return value.toLocaleString('en-US')
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
}
