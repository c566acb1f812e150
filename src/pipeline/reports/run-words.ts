/** What the reports of runs have in common: their words, and the blocks they begin with. */
import { NOTHING, formatCount, formatDate, formatMs, formatShare, formatText } from './look/print-value.js'
import type { Block, Chart, Figure, Figures, Paragraph, Tone } from './report-model.js'
import { addCounts, type Counts, type Latency, type Outcome, type RunAccount } from './run-account.js'

/** The three outcomes of a record that counts. */
export type Verdict = Extract<Outcome, 'accepted' | 'rejected' | 'duplicate'>

export const VERDICTS = {
  accepted: { name: 'Accepted', tone: 'good' },
  rejected: { name: 'Rejected', tone: 'bad' },
  duplicate: { name: 'Duplicate', tone: 'warning' },
} as const satisfies Record<Verdict, { name: string; tone: Tone }>

export const VERDICT_ORDER = ['accepted', 'rejected', 'duplicate'] as const satisfies readonly Verdict[]

/** More bars than this are told by the tables, not drawn. */
const BARS_MAX = 24

/** Records that count: blank lines and headers of a source do not. */
export function recordsOf(counts: Counts): number {
  return counts.accepted + counts.rejected + counts.duplicate
}

export function readOf(counts: Counts): number {
  return recordsOf(counts) + counts.blank + counts.header
}

/** Share of the records that are stored now; null when there was none. */
export function successOf(counts: Counts): number | null {
  const records = recordsOf(counts)
  return records === 0 ? null : (counts.accepted + counts.duplicate) / records
}

/** The percentiles in one line. */
export function tellLatency({ p50Ms, p95Ms, p99Ms, maxMs, histogram }: Latency): string {
  if (histogram.every((bucket) => bucket.count === 0)) return NOTHING
  return `p50 ${formatMs(p50Ms)} · p95 ${formatMs(p95Ms)} · p99 ${formatMs(p99Ms)} · longest ${formatMs(maxMs)}`
}

/** What is loaded and when, as the lines below the title. */
export function aboutRun(
  { id, startedAt, finishedAt }: Pick<RunAccount, 'id' | 'startedAt' | 'finishedAt'>,
  source: string,
): string {
  const end = finishedAt === undefined ? 'not finished' : `finished ${formatDate(finishedAt)}`
  return `Run ${oneLine(id)} · ${oneLine(source)}\nStarted ${formatDate(startedAt)} · ${end}`
}

/** Whether the run has come to its end, as a paragraph that is not overlooked. */
export function tellState(state: RunAccount['state']): Paragraph {
  const partial = 'The figures below cover the records that were recorded until then.'
  switch (state) {
    case 'complete':
      return { block: 'text', tone: 'good', text: 'Complete: every record of the source has its outcome.' }
    case 'incomplete':
      return {
        block: 'text',
        tone: 'bad',
        text: `INCOMPLETE: the run stopped before its end. ${partial} Running it again resumes it.`,
      }
    case 'interrupted':
      return {
        block: 'text',
        tone: 'bad',
        text: `INTERRUPTED: the run was stopped by its caller, or its process has died. ${partial} Running it again resumes it.`,
      }
    case 'running':
      return {
        block: 'text',
        tone: 'warning',
        text: 'STILL RUNNING: the figures below are those of the moment this report was made.',
      }
    default:
      return state satisfies never
  }
}

/** How many records were read, and what became of them. */
export function tellCounts(counts: Counts): Figures {
  const records = recordsOf(counts)
  const skipped = counts.blank + counts.header
  const read = records + skipped
  const readNote = read === 0 ? NOTHING : skipped === 0 ? 'all are records' : `${formatCount(skipped)} blank or header`
  const share = (count: number) => (records === 0 ? NOTHING : `${formatShare(count / records)} of records`)
  const figures: Figure[] = VERDICT_ORDER.map((name) => ({
    ...VERDICTS[name],
    name,
    label: VERDICTS[name].name,
    value: counts[name],
    kind: 'integer',
    note: share(counts[name]),
  }))
  return {
    block: 'figures',
    figures: [{ name: 'read', label: 'Read', value: read, kind: 'integer', note: readNote }, ...figures],
  }
}

/** `5 read = 3 accepted + …`: by which a run is seen to have lost nothing. */
export function tellBalance(counts: Counts): string {
  const outcomes = ['accepted', 'rejected', 'duplicate', 'blank', 'header'] as const
  return `${formatCount(readOf(counts))} read = ${outcomes.map((outcome) => `${formatCount(counts[outcome])} ${outcome}`).join(' + ')}`
}

/** The outcomes of each database as bars. */
export function chartDatabases(parts: readonly { readonly database: string; readonly counts: Counts }[]): Block[] {
  const sums = new Map<string, Counts>()
  for (const { database, counts } of parts) {
    const before = sums.get(database)
    sums.set(database, before === undefined ? counts : addCounts(before, counts))
  }
  const title = 'Outcomes per database'
  if (sums.size === 0) {
    return [
      { block: 'heading', text: title },
      { block: 'text', text: 'No database took part in this run.' },
    ]
  }
  const shown = [...sums].slice(0, BARS_MAX)
  const chart: Chart = {
    block: 'chart',
    kind: 'stacked-bars',
    name: 'outcomes',
    title,
    valueTitle: 'Records',
    format: { kind: 'integer' },
    series: VERDICT_ORDER.map((verdict) => VERDICTS[verdict]),
    points: shown.map(([label, counts]) => ({ label, values: VERDICT_ORDER.map((verdict) => counts[verdict]) })),
  }
  const rest =
    sums.size > shown.length
      ? `${shown.length} of ${formatCount(sums.size)} databases are drawn; the table lists all.`
      : ''
  return [{ block: 'heading', text: title, ...(rest !== '' && { note: rest }) }, chart]
}

/** `2 × price: must be at least 0 (PRICE_NEGATIVE)`. */
export function tellReason(reason: {
  readonly code: string
  readonly field: string
  readonly message: string
}): string {
  const subject = reason.field === '' ? '' : `${formatText(reason.field)}: `
  return `${subject}${formatText(reason.message)} (${formatText(reason.code)})`
}

function oneLine(text: string): string {
  return formatText(text).replaceAll('\n', ' ')
}
