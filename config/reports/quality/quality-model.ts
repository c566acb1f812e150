import type { Block, Cell, Chart, Column, ReportModel, Row, Table } from '../../../src/pipeline/reports/report-model.js'
import type { ColumnProfile } from '../../../src/cluster/read/column-profile.js'
import { valueShape } from '../../../src/pipeline/reports/quality/value-shape.js'
import { printableText } from '../../../src/util/printable-bytes.js'
import type { CheckedEntity } from '../data-quality.js'

/** What the model has to say about how it was made. */
export interface QualityView {
  /** Rows of each entity whose rules were checked; all when undefined. */
  readonly rowsMax: number | undefined
  readonly showsValues: boolean
}

export function qualityModel(entities: readonly CheckedEntity[], view: QualityView): ReportModel {
  const rows = entities.reduce((sum, entity) => sum + rowsOf(entity), 0)
  return {
    title: 'Data quality',
    asOf: latestOf(entities),
    mainTable: 'columns',
    blocks: [
      { block: 'text', text: rows === 0 ? 'There are no rows.' : explanation(view) },
      figuresOf(entities, rows),
      ...(rows === 0 ? [] : [chartOf(entities)]),
      entityTable(entities),
      columnTable(entities),
      ruleTable(entities),
      sampleTable(entities, view),
    ],
  }
}

function explanation({ rowsMax, showsValues }: QualityView): string {
  const checked =
    rowsMax === undefined
      ? 'Rules were checked on every row.'
      : `Rules were checked on the first ${rowsMax} rows of each entity, in the order of the primary key.`
  const shown = showsValues ? '' : ' Of values that break rules the shape is shown: letters as a, digits as 9.'
  return `Columns were counted by their databases over all rows. ${checked}${shown}`
}

function rowsOf({ columns }: CheckedEntity): number {
  return columns[0]?.rows ?? 0
}

/** The latest moment that any row tells of. */
function latestOf(entities: readonly CheckedEntity[]): Date {
  const moments = entities.flatMap(({ columns }) => columns.map(({ max }) => max)).filter((max) => max instanceof Date)
  return moments.reduce((latest, moment) => (moment > latest ? moment : latest), new Date(0))
}

function figuresOf(entities: readonly CheckedEntity[], rows: number): Block {
  const checked = entities.reduce((sum, { breaks }) => sum + breaks.checked, 0)
  const unsound = entities.reduce((sum, { breaks }) => sum + breaks.unsound, 0)
  return {
    block: 'figures',
    figures: [
      { name: 'entities', label: 'Entities', value: entities.length, kind: 'integer' },
      { name: 'rows', label: 'Rows', value: rows, kind: 'integer' },
      { name: 'checked', label: 'Rows checked', value: checked, kind: 'integer' },
      {
        name: 'unsound',
        label: 'Rows that break rules',
        value: unsound,
        kind: 'integer',
        tone: unsound > 0 ? 'bad' : 'good',
      },
      {
        name: 'unsound-share',
        label: 'Share of them',
        value: checked === 0 ? null : unsound / checked,
        kind: 'share',
        digits: 2,
      },
    ],
  }
}

function chartOf(entities: readonly CheckedEntity[]): Chart {
  return {
    block: 'chart',
    kind: 'stacked-bars',
    name: 'rows',
    title: 'Rows checked',
    valueTitle: 'Rows',
    format: { kind: 'integer' },
    series: [
      { name: 'Sound', tone: 'good' },
      { name: 'Break rules', tone: 'bad' },
    ],
    points: entities.map(({ name, breaks }) => ({
      label: name,
      values: [breaks.checked - breaks.unsound, breaks.unsound],
    })),
  }
}

const text = (name: string, title: string): Column => ({ name, title, kind: 'text' })
const count = (name: string, title: string): Column => ({ name, title, kind: 'integer' })
const ENTITY = text('entity', 'Entity')
const COLUMN = text('column', 'Column')
const RULE = text('rule', 'Rule')

function table(name: string, title: string, columns: readonly Column[], rows: readonly Row[]): Table {
  return { block: 'table', name, title, columns, rows, rowCount: rows.length }
}

function entityTable(entities: readonly CheckedEntity[]): Table {
  const columns = [
    ENTITY,
    text('database', 'Database'),
    count('rows', 'Rows'),
    count('checked', 'Checked'),
    count('unsound', 'Break rules'),
  ]
  const rows = entities.map((entity): Row => {
    const { name, database, breaks } = entity
    return [name, database, rowsOf(entity), breaks.checked, breaks.unsound]
  })
  return table('entities', 'Entities', columns, rows)
}

function columnTable(entities: readonly CheckedEntity[]): Table {
  const columns = [
    ENTITY,
    COLUMN,
    text('type', 'Holds'),
    count('rows', 'Rows'),
    count('filled', 'Filled'),
    { name: 'filled_share', title: 'Share', kind: 'share' } as const,
    count('distinct', 'Distinct'),
    text('min', 'Lowest'),
    text('max', 'Highest'),
    count('shortest', 'Min. length'),
    count('longest', 'Max. length'),
  ]
  const rows = entities.flatMap(({ name, columns: profiles }) =>
    profiles.map((profile): Row => [name, ...profileCells(profile)]),
  )
  return table('columns', 'Columns', columns, rows)
}

function profileCells({ property, kind, rows, filled, distinct, min, max, shortest, longest }: ColumnProfile): Row {
  const share = rows === 0 ? null : filled / rows
  return [
    property,
    kind,
    rows,
    filled,
    share,
    distinct ?? null,
    boundCell(min),
    boundCell(max),
    shortest ?? null,
    longest ?? null,
  ]
}

function boundCell(value: unknown): Cell {
  if (value === undefined || value === null) return null
  // With a space, so that a narrow column breaks between day and time.
  return value instanceof Date ? value.toISOString().replace('T', ' ') : String(value)
}

function ruleTable(entities: readonly CheckedEntity[]): Table {
  const rows = entities.flatMap(({ name, breaks }) =>
    breaks.rules.map((rule): Row => [name, rule.field, rule.code, rule.count, rule.count / breaks.checked]),
  )
  const columns = [
    ENTITY,
    COLUMN,
    RULE,
    count('count', 'Rows'),
    { name: 'share', title: 'Share', kind: 'share', digits: 2 } as const,
  ]
  return { ...table('rules', 'Broken rules', columns, rows), whenEmpty: 'No row breaks a rule.' }
}

const VALUE_CHARACTERS = 200

function sampleTable(entities: readonly CheckedEntity[], { showsValues }: QualityView): Table {
  const shown = (value: unknown) =>
    showsValues ? printableText(boundText(value), VALUE_CHARACTERS) : valueShape(value)
  const rows = entities.flatMap(({ name, breaks }) =>
    breaks.rules.flatMap(({ field, code, offenders }) =>
      offenders.map(({ key, value }): Row => [name, printableText(key, VALUE_CHARACTERS), field, code, shown(value)]),
    ),
  )
  const columns = [ENTITY, text('key', 'Row'), COLUMN, RULE, text('value', showsValues ? 'Value' : 'Shape')]
  return table('samples', 'Rows that break rules', columns, rows)
}

function boundText(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !(value instanceof Date)
  return isObject ? JSON.stringify(value) : String(boundCell(value) ?? '')
}
