/** What the terminal shows of an ingestion that was only tried. */
import type { DryRun } from '../../src/pipeline/ingest/dry-run.js'
import { table } from '../../src/util/text-table.js'
import { cellText, type CommandIo } from './io.js'

const ROWS_MAX = 30

export function printDryRun(io: CommandIo, { entity, files, counts, reasons, changes, rejects }: DryRun): void {
  for (const { title, records, shape, names } of files) {
    io.out('')
    const delimiter = shape.format === 'csv' ? `, fields between ${JSON.stringify(shape.delimiter)}` : ''
    const path = shape.path === null || shape.path === '' ? '' : `, records in "${cellText(shape.path)}"`
    io.out(io.colour('bold', cellText(title, 100)))
    io.out(`${shape.format}, ${shape.encoding}${delimiter}${path}, ${records.toLocaleString('en-US')} records`)
    if (names === undefined) continue
    io.out(
      table(
        ['In the file', `${entity}.`, 'By'],
        names.matches.map(({ name, property, by }) => [cellText(name, 40), property, by]),
      ),
    )
    if (names.unused.length > 0) io.out(`Feeds nothing: ${names.unused.map((name) => cellText(name, 40)).join(', ')}`)
    if (names.unfed.length > 0) io.out(`Not in the file: ${names.unfed.join(', ')}`)
    for (const { name, property } of names.lookalikes) {
      io.out(
        `"${cellText(name, 40)}" looks like a name of ${property}, but has other characters. Use --map when it is meant.`,
      )
    }
  }
  if (changes.length > 0) {
    io.out('')
    io.out(
      table(
        ['Change', 'Field', 'Records'],
        changes.slice(0, ROWS_MAX).map(({ why, field, count }) => [why, field, String(count)]),
      ),
    )
  }
  if (reasons.length > 0) {
    io.out('')
    io.out(
      table(
        ['Reason', 'Field', 'Records'],
        reasons.slice(0, ROWS_MAX).map(({ code, field, count }) => [code, cellText(field, 40), String(count)]),
      ),
    )
    io.out('')
    io.out('The first of them:')
    for (const { file, line, reasons: own } of rejects) {
      io.out(
        `  ${cellText(file, 60)}:${line}  ${own.map(({ message, fix }) => cellText(`${message} ${fix}`.trim(), 160)).join('; ')}`,
      )
    }
  }
  io.out('')
  io.out(
    `Nothing was written. It would be: accepted ${counts.accepted}, rejected ${counts.rejected}, duplicate ${counts.duplicate}, ` +
      `blank ${counts.blank}, header ${counts.header}; what is stored already was not looked at.`,
  )
}
