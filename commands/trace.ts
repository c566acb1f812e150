import type { CommandModule } from 'yargs'
import { traceJson, traceLine, traceRow, type Trace } from '../src/pipeline/ingest/trace.js'
import { ShardyardError } from '../src/errors.js'
import { cellText, type CommandIo } from './shared/io.js'
import { CONFIG_OPTION, withCluster } from './shared/with-cluster.js'

interface Argv {
  readonly config?: string
  readonly from: string
  readonly id?: string
  readonly json: boolean
}

export const command: CommandModule<object, Argv> = {
  command: 'trace <from> [id]',
  describe: 'follow a record from its line in a file to its row, or a row back to its line',
  builder: (yargs) =>
    yargs
      .positional('from', { type: 'string', describe: 'FILE:LINE, or the entity of a row' })
      .positional('id', { type: 'string', describe: 'with an entity: the id of the row' })
      .options({
        json: { type: 'boolean', default: false, describe: 'print one JSON value' },
        ...CONFIG_OPTION,
      })
      .example('$0 trace events.csv:17', 'what became of line 17, in every run that has read the file')
      .example('$0 trace Event 4711', 'which line of which file a row was') as never,
  handler: (argv) =>
    withCluster(argv, async (cluster, context) => {
      const traces =
        argv.id === undefined
          ? await traceLine(cluster, ...lineIn(argv.from))
          : await traceRow(cluster, argv.from, String(argv.id))
      if (argv.json) context.json(traces.map(traceJson))
      else if (traces.length === 0)
        context.out(
          'No ingestion that has kept its lines knows of it. (--ledger rejects and counts keep none of accepted records.)',
        )
      else for (const trace of traces) print(context, trace)
      return 0
    }),
}

function lineIn(text: string): [file: string, line: number] {
  const match = /^(.+):(\d{1,15})$/.exec(text)
  if (match !== null) return [match[1] ?? '', Number(match[2])]
  throw new ShardyardError('SY_OPTION_INVALID', `Expected FILE:LINE, or an entity and an id, got "${text}".`)
}

function print(io: CommandIo, trace: Trace): void {
  const { run, entity, fileTitle, line, position, length, outcome, database, text, reasons, changes, row } = trace
  io.out(io.colour('bold', `Run ${run} (${trace.startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC)`))
  io.out(`  source   ${cellText(fileTitle, 100)}, line ${line}, byte ${position}, ${length} bytes`)
  io.out(`           SHA-256 of the file ${trace.sha256}`)
  io.out(`  record   ${cellText(text, 200)}`)
  for (const { field, from, to, why } of changes) {
    io.out(`  changed  ${cellText(field, 40)}: ${cellText(from, 60)} → ${cellText(to, 60)} (${cellText(why)})`)
  }
  io.out(`  outcome  ${outcome}, told by "${database}"`)
  for (const { code, message, pointer, fix } of reasons) {
    io.out(
      `           ${code} at ${pointer === '' ? 'the record' : cellText(pointer)}: ${cellText(message, 200)} ${cellText(fix, 200)}`,
    )
  }
  if (trace.origin !== undefined)
    io.out(`  redriven reject ${trace.origin}, line ${trace.rejected?.line ?? '?'} of its file`)
  if (trace.duplicateOf !== undefined) {
    const { run: first, file, line: at } = trace.duplicateOf
    io.out(`  repeats  line ${at} of ${cellText(file, 100)} in run ${first}`)
  }
  if (trace.rowId !== undefined) {
    const said = row === undefined ? 'which is not there any more' : cellText(row, 200)
    io.out(`  row      ${entity} ${trace.rowId} in "${database}": ${said}`)
  }
}
