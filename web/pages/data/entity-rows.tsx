import { useState } from 'preact/hooks'
import type { ClusterEntity, ClusterField } from '../../api/types.ts'
import { ChoiceField, TextField } from '../../parts/controls.tsx'
import { valueText } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { MoreButton } from '../../parts/more-button.tsx'
import { Card } from '../../parts/page.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { usePaged } from '../../state/paged.ts'
import { to } from '../../state/route.ts'
import { RowTrace } from './row-trace.tsx'

type Row = Readonly<Record<string, unknown>>

const COMPARISONS = [
  ['', 'is'],
  ['gte', 'is at least'],
  ['lte', 'is at most'],
  ['prefix', 'begins with'],
] as const

/** The rows of an entity, searched by one of its fields; the search stands in the address. */
export function EntityRows({ entity, query }: { readonly entity: ClusterEntity; readonly query: URLSearchParams }) {
  const filter = new URLSearchParams({ limit: '25', ...Object.fromEntries(query) })
  const paged = usePaged<Row>(`/entities/${encodeURIComponent(entity.name)}?${filter}`)
  const [traced, setTraced] = useState<string>()
  const key = entity.fields.filter(({ isKey }) => isKey).map(({ name }) => name)
  return (
    <Card title={`Rows of ${entity.name}`} aside={`in ${entity.database}`} isWide>
      <Search key={query.toString()} entity={entity} query={query} />
      <Loaded resource={paged.first}>
        {() => (
          <Table
            caption={`Rows of ${entity.name}`}
            columns={[
              ...entity.fields.map(columnOf),
              ...(key.length === 1 ? [traceColumn(key[0] ?? '', setTraced)] : []),
            ]}
            rows={paged.items}
            keyOf={(row, at) => key.map((name) => valueText(row[name])).join(' ') || String(at)}
            empty={
              query.size === 0 ? (
                <>
                  {entity.name} has no rows yet. <a href={to('load')}>Load a file</a> into it.
                </>
              ) : (
                <>
                  No row fits. <a href={to('data', entity.name)}>Show all</a>
                </>
              )
            }
          />
        )}
      </Loaded>
      <MoreButton paged={paged} />
      {traced !== undefined && <RowTrace key={traced} entity={entity.name} id={traced} />}
    </Card>
  )
}

function columnOf({ name, type, references }: ClusterField): Column<Row> {
  return {
    title: name,
    isNumber: type === 'integer' || type === 'number' || type === 'decimal',
    cell: (row) => <Value value={row[name]} references={references} />,
  }
}

function traceColumn(key: string, onTrace: (id: string) => void): Column<Row> {
  return {
    title: '',
    cell: (row) => (
      <button
        type="button"
        class="small"
        aria-label={`Trace ${valueText(row[key])}`}
        onClick={() => onTrace(valueText(row[key]))}
      >
        Trace
      </button>
    ),
  }
}

function Value({ value, references }: { readonly value: unknown; readonly references: string | null }) {
  const text = valueText(value)
  if (references === null || value === null) return <span class="clip">{text}</span>
  return <a href={to('data', references, { id: text })}>{text}</a>
}

/** One condition: a field, how it is compared, a value. */
function Search({ entity, query }: { readonly entity: ClusterEntity; readonly query: URLSearchParams }) {
  const first = conditionOf(query, entity.fields)
  const [condition, setCondition] = useState(first)
  const { field, comparison, value } = condition
  const set = (part: Partial<typeof condition>) => setCondition((now) => ({ ...now, ...part }))
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault()
        const name = comparison === '' ? field : `${field}[${comparison}]`
        location.hash = to('data', entity.name, value === '' ? {} : { [name]: value })
      }}
    >
      <ChoiceField
        label="Field"
        value={field}
        choices={entity.fields.map(({ name }) => [name, name])}
        onChange={(name) => set({ field: name })}
      />
      <ChoiceField
        label="Comparison"
        value={comparison}
        choices={COMPARISONS}
        onChange={(one) => set({ comparison: one })}
      />
      <TextField label="Value" value={value} onChange={(text) => set({ value: text })} />
      <div class="actions">
        <button type="submit">Search</button>
        {query.size > 0 && <a href={to('data', entity.name)}>Show all</a>}
      </div>
    </form>
  )
}

function conditionOf(query: URLSearchParams, fields: readonly ClusterField[]) {
  const [name = '', value = ''] = [...query][0] ?? []
  const [, field = '', comparison = ''] = /^([^[]+)(?:\[([a-z]+)\])?$/.exec(name) ?? []
  return { field: field === '' ? (fields[0]?.name ?? '') : field, comparison, value }
}
