import { parse } from 'csv-parse/sync'
import { RunStore } from 'shardyard/src/pipeline/runs/run-store'
import { exportRejects, type ExportOptions } from 'shardyard/src/pipeline/ingest/export-rejects'
import type { RunRow } from 'shardyard/src/cluster/bookkeeping/run-row'
import { runCommand, type CommandResult } from '../../helpers/command'
import type { Depot, OpenDepot } from './depot'

/** The shipped command on a depot. */
export function shardyard({ folder, config }: Depot, args: readonly string[], input = ''): Promise<CommandResult> {
  return runCommand(['shardyard', ...args, '--config', config], { cwd: folder, input, timeoutMs: 60_000 })
}

export async function runOf({ cluster }: OpenDepot, id: string): Promise<RunRow> {
  return (await new RunStore(cluster).find(id)) as RunRow
}

/** The rejects of a run as a file. */
export async function exported(depot: OpenDepot, run: string, options: ExportOptions): Promise<string> {
  let text = ''
  for await (const piece of exportRejects(depot.cluster, await runOf(depot, run), options)) text += piece
  return text
}

/** CSV as another reader than ours takes it. */
export function csvRows(text: string): Record<string, string>[] {
  return parse(text, { columns: true })
}

/** Rows as CSV with every field in quotes, as a spreadsheet may write them. */
export function csvText(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const line = (fields: readonly string[]) => `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`
  return line(names) + rows.map((row) => line(names.map((name) => row[name] ?? ''))).join('')
}
