/**
 * What a report says, without a word about how it looks. A report's `run` makes one model; each writer (PDF, HTML, CSV,
 * JSON, NDJSON, XLSX) turns any model into its format.
 *
 * 1. Nothing here comes from the clock or from chance: the same data and options make the same model.
 * 2. Rows are streamed: a writer goes through `blocks` once, in order, and through the rows of each table once. A
 *    writer that leaves a table out never touches its rows.
 * 3. Every text may come from data: a writer escapes all of it.
 */

/** A value in a table or a figure. Whole numbers beyond 2^53 and exact decimals come as strings or bigints. */
export type Cell = string | number | bigint | boolean | Date | null

/** How a value is to be read. A date is text as in 2025-12-31, an instant a Date, a share a number from 0 to 1. */
export type CellKind = 'text' | 'integer' | 'decimal' | 'share' | 'date' | 'instant' | 'boolean'

/** What a part says about the matter: shown by a colour, and always by a sign or a word as well. */
export type Tone = 'neutral' | 'good' | 'warning' | 'bad'

/** How a value is to be printed. */
export interface CellFormat {
  readonly kind: CellKind
  /** Digits after the point of a decimal or of a share in percent. @defaultValue 2 for decimals, 1 for shares */
  readonly digits?: number
  /** Printed after the value where people read it: `ms`, `EUR`. */
  readonly unit?: string
}

/** A column of a table. `name` is for machines: unique in its table, the head of CSV and XLSX, the key of JSON. */
export interface Column extends CellFormat {
  readonly name: string
  /** The head for people. */
  readonly title: string
}

/** Values in the order of the columns. */
export type Row = readonly Cell[]

/** A line of text that begins a part of the report. */
export interface Heading {
  readonly block: 'heading'
  readonly text: string
  /** A smaller line below it. */
  readonly note?: string
}

/** A paragraph. */
export interface Paragraph {
  readonly block: 'text'
  readonly text: string
  readonly tone?: Tone
}

/** One number, or short text, that a reader should see first. */
export interface Figure extends CellFormat {
  /** For machines; unique in the model. */
  readonly name: string
  readonly label: string
  readonly value: Cell
  readonly tone?: Tone
  /** What puts it in proportion, for people: `83.3% of records`. */
  readonly note?: string
}

/** Figures that stand together. */
export interface Figures {
  readonly block: 'figures'
  readonly figures: readonly Figure[]
}

/** A table, whose rows may be many. */
export interface Table {
  readonly block: 'table'
  /** For machines; unique in the model: name of the XLSX sheet, key in JSON, `--table` of CSV and NDJSON. */
  readonly name: string
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: Iterable<Row> | AsyncIterable<Row>
  /** How many rows there are, where that is known; for progress, and for what is said when not all are shown. */
  readonly rowCount?: number
  /** Most rows that PDF and HTML show; the others say all. @defaultValue all */
  readonly shownMax?: number
  /** What a reader does to see more than `shownMax` rows: `use --rows to show more`. */
  readonly whenCut?: string
  readonly tone?: Tone
  /** What is said in place of a table without rows. @defaultValue 'There are none.' */
  readonly whenEmpty?: string
}

/** One line, or one colour, of a chart. */
export interface Series {
  readonly name: string
  readonly tone?: Tone
}

/** A place on the axis of a chart, with a value for each series. */
export interface ChartPoint {
  readonly label: string
  /** null is a gap. */
  readonly values: readonly (number | null)[]
}

/** A chart. Bars lie, columns of a histogram stand, a line goes through its points from left to right. */
export interface Chart {
  readonly block: 'chart'
  readonly kind: 'bars' | 'stacked-bars' | 'line' | 'histogram'
  /** For machines; unique in the model. */
  readonly name: string
  readonly title: string
  /** What is measured, with its unit: `Revenue in EUR`. */
  readonly valueTitle: string
  readonly format: CellFormat
  readonly series: readonly Series[]
  readonly points: readonly ChartPoint[]
}

/** A part of a report. */
export type Block = Heading | Paragraph | Figures | Table | Chart

/** What a report says. */
export interface ReportModel {
  readonly title: string
  readonly subtitle?: string
  /** The moment that the report tells of, from its data; in the properties of PDF and XLSX files. */
  readonly asOf: Date
  readonly blocks: readonly Block[]
  /** The table that CSV and NDJSON write when none is named. @defaultValue the first */
  readonly mainTable?: string
}

/** The tables of a model, in order. */
export function tablesOf({ blocks }: ReportModel): Table[] {
  return blocks.filter((block) => block.block === 'table')
}
