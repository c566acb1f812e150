import type { Counts, EntityAccount, ReadLines, RunAccount } from './run-account.js'
import { writeHeading, writeParagraph } from './writers/pdf-blocks.js'
import { PdfDocument } from './writers/pdf-document.js'
import { WholeFile } from '../../util/whole-file.js'
import { formatText } from './writers/pdf-format.js'
import { writeAnalysis } from './writers/pdf-run-analysis.js'
import { writeCharts } from './writers/pdf-run-charts.js'
import { type RowSource, writeRows } from './writers/pdf-run-rows.js'
import { writeSummary } from './writers/pdf-run-summary.js'
import { VERDICT_ORDER } from './writers/pdf-run-words.js'
import { STYLE } from './writers/pdf-theme.js'

export interface RunReportOptions {
  /** Most rows printed of each entity, shared among its lists; the report says how many there are. */
  readonly rowsMax: number
  /** @defaultValue 'Insertion report' */
  readonly title?: string
}

/** A report that stands in its place. */
export interface WrittenReport {
  readonly pages: number
  readonly sizeBytes: number
}

/**
 * Writes the PDF of a run to `file`. It is made beside it under a temporary name and then put in its place: when
 * anything fails, what was there before is still there and nothing else is. The same run gives the same bytes.
 */
export async function writeRunReport(
  account: RunAccount,
  readLines: ReadLines,
  file: string,
  options: RunReportOptions,
  signal?: AbortSignal,
): Promise<WrittenReport> {
  signal?.throwIfAborted()
  const output = await WholeFile.open(file)
  try {
    const title = options.title ?? 'Insertion report'
    const doc = await openDocument(output, account, title)
    writeSummary(doc, account, title)
    writeCharts(doc, account)
    await writeEntities(doc, { account, readLines, rowsMax: options.rowsMax, signal })
    writeAnalysis(doc, account)
    writeNotes(doc)
    await doc.close()
    signal?.throwIfAborted()
    await output.commit()
    return { pages: doc.pages, sizeBytes: output.sizeBytes }
  } catch (error) {
    await output.discard()
    throw error
  }
}

function openDocument(output: WholeFile, account: RunAccount, title: string): Promise<PdfDocument> {
  const footer = `${title} · run ${formatText(account.id)}`
  return PdfDocument.open(output, {
    title: `${title} · ${account.id}`,
    footer,
    date: account.finishedAt ?? account.startedAt,
  })
}

async function writeEntities(doc: PdfDocument, source: RowSource): Promise<void> {
  for (const part of joinParts(source.account.entities)) {
    writeHeading(doc, 'H2', part.entity, 110)
    writeParagraph(doc, part.places.join('\n'), STYLE.note)
    const totals = VERDICT_ORDER.map((verdict) => part.counts[verdict])
    const shares = shareRows(totals, source.rowsMax)
    for (const [index, verdict] of VERDICT_ORDER.entries()) {
      const [total, rowsMax] = [totals[index] ?? 0, shares[index] ?? 0]
      await writeRows(doc, { entity: part.entity, verdict, total }, { ...source, rowsMax })
    }
  }
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

/** An entity with all its databases: its rows are read, and printed, once. */
interface WholeEntity {
  readonly entity: string
  readonly places: readonly string[]
  readonly counts: Counts
}

function joinParts(parts: readonly EntityAccount[]): readonly WholeEntity[] {
  const whole = new Map<string, WholeEntity>()
  for (const { entity, database, engine, counts } of parts) {
    const before = whole.get(entity)
    const place = `Database ${formatText(database)} · ${formatText(engine)}`
    whole.set(entity, {
      entity,
      places: [...(before?.places ?? []), place],
      counts: before === undefined ? counts : addCounts(before.counts, counts),
    })
  }
  return [...whole.values()]
}

function addCounts(a: Counts, b: Counts): Counts {
  return {
    accepted: a.accepted + b.accepted,
    rejected: a.rejected + b.rejected,
    duplicate: a.duplicate + b.duplicate,
    blank: a.blank + b.blank,
    header: a.header + b.header,
  }
}

function writeNotes(doc: PdfDocument): void {
  const note = doc.missing.note()
  if (note === undefined) return
  writeHeading(doc, 'H2', 'Notes')
  writeParagraph(doc, note)
}
