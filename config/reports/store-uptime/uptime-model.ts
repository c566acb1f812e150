/** What the report says. */
import type { Block, Column, ReportModel, Row } from '../../../src/pipeline/reports/report-model.js'
import type { PartSums, StoreSums } from './compute-part.js'
import { inHours, inMinutes } from './windows.js'

/** What the model is made from. */
export interface UptimeData {
  /** Undefined when there is no poll, and no other moment was asked for. */
  readonly now: number | undefined
  readonly weeks: number | undefined
  readonly parts: readonly PartSums[]
}

const MINUTES = { kind: 'integer', unit: 'min' } as const
const HOURS = { kind: 'decimal', digits: 2, unit: 'h' } as const
const STORE: Column = { name: 'store_id', title: 'Store', kind: 'text' }
const COLUMNS: readonly Column[] = [
  STORE,
  { name: 'uptime_last_hour', title: 'Up, last hour', ...MINUTES },
  { name: 'uptime_last_day', title: 'Up, last day', ...HOURS },
  { name: 'uptime_last_week', title: 'Up, last week', ...HOURS },
  { name: 'downtime_last_hour', title: 'Down, last hour', ...MINUTES },
  { name: 'downtime_last_day', title: 'Down, last day', ...HOURS },
  { name: 'downtime_last_week', title: 'Down, last week', ...HOURS },
]
const BINS = 10

export function uptimeModel({ now, weeks, parts }: UptimeData): ReportModel {
  const sums = parts.flatMap((part) => part.sums).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const long = sums.some(([, upMs]) => upMs.length > 3)
  return {
    title: 'Store uptime',
    subtitle: 'Up- and downtime within business hours',
    asOf: new Date(now ?? 0),
    mainTable: 'stores',
    blocks: [
      ...(now === undefined ? [NO_POLLS] : figuresOf(now, sums)),
      {
        block: 'table',
        name: 'stores',
        title: 'Stores',
        columns: COLUMNS,
        rows: sums.map(rowOf),
        rowCount: sums.length,
        whenEmpty: 'There are no stores.',
      },
      ...(long && weeks !== undefined ? [longTable(weeks, sums)] : []),
      ...notesOf(parts),
    ],
  }
}

const NO_POLLS: Block = {
  block: 'text',
  text: 'There is no poll yet, so there is no moment to tell of.',
  tone: 'warning',
}

function figuresOf(now: number, sums: readonly StoreSums[]): readonly Block[] {
  const total = (part: 1 | 2) => sums.reduce((sum, store) => sum + (store[part].at(-3) ?? 0), 0)
  const [upMs, businessMs] = [total(1), total(2)]
  return [
    {
      block: 'figures',
      figures: [
        { name: 'now', label: 'Latest moment', value: new Date(now), kind: 'instant' },
        { name: 'stores', label: 'Stores', value: sums.length, kind: 'integer' },
        {
          name: 'uptime_share_last_week',
          label: 'Up, last week',
          value: businessMs === 0 ? null : upMs / businessMs,
          kind: 'share',
        },
      ],
    },
    shareChart(sums),
  ]
}

function shareChart(sums: readonly StoreSums[]): Block {
  const counts = Array.from({ length: BINS }, () => 0)
  for (const [, up, business] of sums) {
    const [upMs, businessMs] = [up.at(-3) ?? 0, business.at(-3) ?? 0]
    if (businessMs === 0) continue
    const bin = Math.min(BINS - 1, Math.floor((upMs / businessMs) * BINS))
    counts[bin] = (counts[bin] as number) + 1
  }
  return {
    block: 'chart',
    kind: 'histogram',
    name: 'uptime_shares',
    title: 'Stores by their uptime of the last week',
    valueTitle: 'Stores',
    format: { kind: 'integer' },
    series: [{ name: 'stores' }],
    points: counts.map((count, bin) => ({ label: `${bin * 10}–${(bin + 1) * 10} %`, values: [count] })),
  }
}

function rowOf([store, up, business]: StoreSums): Row {
  const of = (print: typeof inHours, fromEnd: number) => print(up.at(fromEnd) as number, business.at(fromEnd) as number)
  const [hour, day, week] = [of(inMinutes, -1), of(inHours, -2), of(inHours, -3)]
  return [store, hour.up, day.up, week.up, hour.down, day.down, week.down]
}

function longTable(weeks: number, sums: readonly StoreSums[]): Block {
  return {
    block: 'table',
    name: 'weeks',
    title: `The last ${weeks} weeks`,
    columns: [
      STORE,
      { name: 'uptime', title: 'Up', ...HOURS },
      { name: 'downtime', title: 'Down', ...HOURS },
      { name: 'uptime_share', title: 'Share up', kind: 'share' },
    ],
    rows: sums.map(([store, [upMs = 0], [businessMs = 0]]): Row => {
      const { up, down } = inHours(upMs, businessMs)
      return [store, up, down, businessMs === 0 ? null : upMs / businessMs]
    }),
    rowCount: sums.length,
  }
}

function notesOf(parts: readonly PartSums[]): readonly Block[] {
  const count = (name: keyof PartSums['assumed']) => parts.reduce((sum, { assumed }) => sum + assumed[name], 0)
  const notes = [
    [count('withoutZone'), 'without a time zone', 'taken to be in America/Chicago'],
    [count('unknownZone'), 'with a time zone that is not known', 'taken to be in America/Chicago'],
    [count('withoutHours'), 'without business hours', 'taken to be open all the time'],
  ] as const
  const said = notes.flatMap(([stores, what, assumed]): Block[] =>
    stores === 0
      ? []
      : [{ block: 'text', text: `${stores} ${stores === 1 ? 'store is' : 'stores are'} ${what}, and ${assumed}.` }],
  )
  return said.length === 0 ? [] : [{ block: 'heading', text: 'What was assumed' }, ...said]
}
