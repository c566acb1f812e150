/** The tables of a simulation: its databases, its reasons, its threads. */
import { formatCount } from './look/print-value.js'
import type { Column, Row, Table } from './report-model.js'
import type { Counts, EntityAccount, RunAccount, ThreadAccount } from './run-account.js'
import { VERDICTS, VERDICT_ORDER, recordsOf, successOf, tellReason } from './run-words.js'

/** Reasons that are told beside a database; the table of reasons has all. */
const REASONS_MAX = 5

const COUNT_COLUMNS: readonly Column[] = VERDICT_ORDER.map((name) => ({
  name,
  title: VERDICTS[name].name,
  kind: 'integer',
}))

function countCells(counts: Counts): Row {
  return VERDICT_ORDER.map((verdict) => counts[verdict])
}

export function databaseTable({ entities }: RunAccount): Table {
  return {
    block: 'table',
    name: 'databases',
    title: 'Analysis per database',
    columns: [
      { name: 'database', title: 'Database', kind: 'text' },
      { name: 'engine', title: 'Engine', kind: 'text' },
      { name: 'entity', title: 'Entity', kind: 'text' },
      ...COUNT_COLUMNS,
      { name: 'successRate', title: 'Success', kind: 'share' },
      { name: 'reasons', title: 'Most common reasons', kind: 'text' },
    ],
    rows: entities.map((part) => [
      part.database,
      part.engine,
      part.entity,
      ...countCells(part.counts),
      successOf(part.counts),
      commonReasons(part),
    ]),
    rowCount: entities.length,
    whenEmpty: 'No database took part in this run.',
  }
}

function commonReasons({ reasons }: EntityAccount): string | null {
  if (reasons.length === 0) return null
  const lines = reasons.slice(0, REASONS_MAX).map((reason) => `${formatCount(reason.count)} × ${tellReason(reason)}`)
  if (reasons.length > REASONS_MAX) lines.push(`and ${formatCount(reasons.length - REASONS_MAX)} more kinds`)
  return lines.join('\n')
}

export function reasonTable(entities: readonly EntityAccount[]): Table {
  const rows = entities.flatMap(({ entity, database, reasons }) =>
    reasons.map(({ field, code, message, count }) => [entity, database, field, code, message, count]),
  )
  return {
    block: 'table',
    name: 'reasons',
    title: 'Reasons',
    columns: [
      { name: 'entity', title: 'Entity', kind: 'text' },
      { name: 'database', title: 'Database', kind: 'text' },
      { name: 'field', title: 'Field', kind: 'text' },
      { name: 'code', title: 'Reason', kind: 'text' },
      { name: 'message', title: 'Message', kind: 'text' },
      { name: 'records', title: 'Records', kind: 'integer' },
    ],
    rows,
    rowCount: rows.length,
    whenEmpty: 'No record was rejected.',
  }
}

export function threadTable(threads: readonly ThreadAccount[]): Table {
  const busyMs = threads.reduce((sum, thread) => sum + thread.busyMs, 0)
  return {
    block: 'table',
    name: 'threads',
    title: 'Analysis per thread',
    columns: [
      { name: 'thread', title: 'Thread', kind: 'integer' },
      { name: 'records', title: 'Records', kind: 'integer' },
      ...COUNT_COLUMNS,
      { name: 'busyMs', title: 'Busy time', kind: 'decimal', unit: 'ms' },
      { name: 'busyShare', title: 'Share of busy time', kind: 'share' },
    ],
    rows: threads.map((thread) => [
      thread.thread,
      recordsOf(thread.counts),
      ...countCells(thread.counts),
      thread.busyMs,
      busyMs > 0 ? thread.busyMs / busyMs : null,
    ]),
    rowCount: threads.length,
    whenEmpty: 'No thread wrote a record.',
  }
}
