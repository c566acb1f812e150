import type { Counts, RunAccount } from '../run-account.js'
import { writeBanner, writeHeading, writeParagraph } from './pdf-blocks.js'
import type { Column } from './pdf-columns.js'
import type { PdfDocument } from './pdf-document.js'
import { NOTHING, formatCount, formatDate, formatDecimal, formatMs, formatShare, formatText } from './pdf-format.js'
import { VERDICTS, VERDICT_ORDER, latencyName, printLatency, recordsOf } from './pdf-run-words.js'
import { PdfTable } from './pdf-table.js'
import { FRAME_WIDTH, INK, type Ink, PAGE, STYLE } from './pdf-theme.js'

const CARD_PT = 58
const CARD_GAP_PT = 10

/** Title, state and figures of the run. */
export function writeSummary(doc: PdfDocument, account: RunAccount, title: string): void {
  writeHeading(doc, 'H1', title)
  writeParagraph(doc, `Run ${formatText(account.id)} · ${formatText(account.source)}`)
  const end = account.finishedAt === undefined ? 'not finished' : `finished ${formatDate(account.finishedAt)}`
  writeParagraph(doc, `Started ${formatDate(account.startedAt)} · ${end}`, STYLE.note)
  doc.y += 8
  writeState(doc, account.state)
  writeHeading(doc, 'H2', 'Executive summary', CARD_PT + 60)
  writeCards(doc, account.counts)
  writeFacts(doc, account)
}

function writeState(doc: PdfDocument, state: RunAccount['state']): void {
  const warning = { tint: INK.rejectedTint, bar: INK.rejected }
  const partial = 'The figures below cover the records that were recorded until then.'
  switch (state) {
    case 'complete':
      return writeBanner(doc, '✓ Complete: every record of the source has its outcome.', {
        tint: INK.acceptedTint,
        bar: INK.accepted,
      })
    case 'incomplete':
      return writeBanner(
        doc,
        `⚠ INCOMPLETE: the run stopped before its end. ${partial} Running it again resumes it.`,
        warning,
      )
    case 'interrupted':
      return writeBanner(
        doc,
        `⚠ INTERRUPTED: the run was stopped by its caller, or its process has died. ${partial} Running it again resumes it.`,
        warning,
      )
    case 'running':
      return writeBanner(doc, '⚠ STILL RUNNING: the figures below are those of the moment this report was made.', {
        tint: INK.duplicateTint,
        bar: INK.duplicate,
      })
    default:
      return state satisfies never
  }
}

function writeCards(doc: PdfDocument, counts: Counts): void {
  const records = recordsOf(counts)
  const share = (count: number) => (records === 0 ? NOTHING : `${formatShare(count / records)} of records`)
  const skipped = counts.blank + counts.header
  const cards: readonly Card[] = [
    {
      name: 'Read',
      figure: records + skipped,
      note:
        records + skipped === 0
          ? NOTHING
          : skipped === 0
            ? 'all are records'
            : `${formatCount(skipped)} blank or header`,
      ink: INK.slate,
      tint: INK.zebra,
    },
    ...VERDICT_ORDER.map((verdict) => {
      const { name, sign, ink, tint } = VERDICTS[verdict]
      return { name: `${sign} ${name}`, figure: counts[verdict], note: share(counts[verdict]), ink, tint }
    }),
  ]
  doc.reserve(CARD_PT)
  const width = (FRAME_WIDTH - CARD_GAP_PT * (cards.length - 1)) / cards.length
  for (const [index, card] of cards.entries())
    drawCard(doc, card, { x: PAGE.left + index * (width + CARD_GAP_PT), width })
  doc.y += CARD_PT + 12
}

interface Card {
  readonly name: string
  readonly figure: number
  readonly note: string
  readonly ink: Ink
  readonly tint: Ink
}

function drawCard(doc: PdfDocument, card: Card, { x, width }: { readonly x: number; readonly width: number }): void {
  const { y } = doc
  doc.tags.artifact(() => {
    doc.rect({ x, y, width, height: CARD_PT }, card.tint)
    doc.rect({ x, y, width, height: 2 }, card.ink)
  })
  doc.tags.mark('P', () => {
    doc.text(`${card.name} `, { ...STYLE.strong, ink: card.ink }, { x: x + 10, baseline: y + 16 })
    doc.text(`${doc.fit(formatCount(card.figure), STYLE.figure, width - 16)} `, STYLE.figure, {
      x: x + 10,
      baseline: y + 37,
    })
    doc.text(doc.fit(card.note, STYLE.label, width - 16), STYLE.label, { x: x + 10, baseline: y + 50 })
  })
}

const FACT_COLUMNS: readonly Column[] = [
  { title: 'Figure', align: 'left' },
  { title: 'Value', align: 'left' },
]

function writeFacts(doc: PdfDocument, account: RunAccount): void {
  const rows = factsOf(account)
  const table = new PdfTable(doc, FACT_COLUMNS, rows)
  for (const row of rows) table.add(table.layOut(row))
  table.end()
}

function factsOf(account: RunAccount): readonly (readonly string[])[] {
  const { counts, latency, batch } = account
  const success = account.successRate === undefined ? '' : ' of the records are stored: accepted now, or there before'
  const read = formatCount(recordsOf(counts) + counts.blank + counts.header)
  return [
    ['State', account.state],
    ['Success rate', `${formatShare(account.successRate)}${success}`],
    ['Balance', `${read} read = ${balanceOf(counts)}`],
    ['Worker threads', formatCount(account.threads)],
    [
      'Batch',
      batch === 1 ? '1: each record has its own transaction' : `${formatCount(batch)} records share a transaction`,
    ],
    ['Wall time', formatMs(account.wallMs)],
    ['Throughput', `${formatDecimal(account.recordsPerSecond, 1)} records/s`],
    [latencyName(account), printLatency(latency)],
  ]
}

function balanceOf(counts: Counts): string {
  const outcomes = ['accepted', 'rejected', 'duplicate', 'blank', 'header'] as const
  return outcomes.map((outcome) => `${formatCount(counts[outcome])} ${outcome}`).join(' + ')
}
