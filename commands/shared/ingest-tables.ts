/** What the terminal shows of an ingestion. */
import type { IngestAccount } from '../../src/pipeline/ingest/ingest-account.js'
import { table } from '../../src/util/text-table.js'
import { cellText, type CommandIo } from './io.js'

const FILES_MAX = 50
const REASONS_MAX = 20

export function printIngest(io: CommandIo, account: IngestAccount): void {
  const { files, databases, reasons, counts } = account
  const head = ['Read', 'Accepted', 'Rejected', 'Duplicate', 'Blank', 'Header']
  const numbers = (own: IngestAccount['counts'], read: number) =>
    [read, own.accepted, own.rejected, own.duplicate, own.blank, own.header].map(whole)
  const sum = (own: IngestAccount['counts']) => own.accepted + own.rejected + own.duplicate + own.blank + own.header
  io.out('')
  io.out(
    table(
      ['File', ...head],
      files.slice(0, FILES_MAX).map((file) => [cellText(file.title, 60), ...numbers(file.counts, file.records)]),
    ),
  )
  if (files.length > FILES_MAX) io.out(`… and ${whole(files.length - FILES_MAX)} more files`)
  io.out('')
  io.out(
    table(
      ['Database', ...head],
      databases.map((one) => [`${one.database} (${one.engine})`, ...numbers(one.counts, sum(one.counts))]),
    ),
  )
  if (reasons.length > 0) {
    io.out('')
    io.out(
      table(
        ['Reason', 'Field', 'Records'],
        reasons.slice(0, REASONS_MAX).map(({ code, field, count }) => [code, cellText(field, 40), whole(count)]),
      ),
    )
  }
  io.out('')
  const rate = account.successRate === undefined ? 'nothing to judge' : `${(account.successRate * 100).toFixed(2)} %`
  io.out(io.colour('bold', `Run ${account.id}: ${account.entity}, ${account.state}`))
  io.out(
    `read ${whole(sum(counts))} = accepted ${whole(counts.accepted)} + rejected ${whole(counts.rejected)} + ` +
      `duplicate ${whole(counts.duplicate)} + blank ${whole(counts.blank)} + header ${whole(counts.header)}`,
  )
  io.out(
    `success ${rate}; same means ${account.dedupe}; ledger ${account.ledger}; ` +
      `${(account.wallMs / 1000).toFixed(2)} s, ${whole(Math.round(account.recordsPerSecond))} records/s, ${account.threads} threads`,
  )
  if (counts.rejected > 0) io.out(`"shardyard rejects ${account.id}" shows what was rejected and why.`)
}

function whole(value: number): string {
  return value.toLocaleString('en-US')
}
