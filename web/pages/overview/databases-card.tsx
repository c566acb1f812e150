import type { ClusterInfo, Health } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { Chart } from '../../parts/chart.tsx'
import { bytes, count } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Card } from '../../parts/page.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { live } from '../../state/live.ts'
import { to } from '../../state/route.ts'
import { useResource, type Resource } from '../../state/resource.ts'
import { useStore } from '../../state/store.ts'

interface Row {
  readonly name: string
  readonly engine: string
  readonly entities: readonly string[]
  readonly health: Health | undefined
  readonly rowsPerSecond: number
}

/** Each database: whether it answers, how fast, how large it is, and what goes into it now. */
export function DatabasesCard({ cluster }: { readonly cluster: Resource<ClusterInfo> }) {
  const asked = useResource<{ items: readonly Health[] }>('/cluster/health')
  const told = useStore(live, (now) => now.health)
  const rates = useStore(live, (now) => now.rates)
  const health = told ?? asked.value?.items ?? []
  return (
    <Card title="Databases" isWide>
      <Loaded resource={cluster}>
        {({ databases }) => {
          const latest = rates.at(-1)
          const rows = databases.map(({ name, engine, entities }) => ({
            name,
            engine,
            entities,
            health: health.find(({ database }) => database === name),
            rowsPerSecond: latest?.databases[name] ?? 0,
          }))
          return (
            <>
              <Table
                caption="Databases"
                columns={COLUMNS}
                rows={rows}
                keyOf={({ name }) => name}
                empty="The config names no database."
              />
              <ul class="troubles">
                {troublesOf(rows).map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
              <Rates names={databases.map(({ name }) => name)} />
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Name', cell: ({ name }) => <b>{name}</b> },
  { title: 'State', cell: ({ health }) => (health === undefined ? '–' : <StateBadge state={health.state} />) },
  { title: 'Rows/s', isNumber: true, cell: ({ rowsPerSecond }) => count(rowsPerSecond) },
  {
    title: 'Latency',
    isNumber: true,
    cell: ({ health }) =>
      health?.latencyMs === null || health === undefined ? '–' : `${health.latencyMs.toFixed(1)} ms`,
  },
  {
    title: 'Size',
    isNumber: true,
    cell: ({ health }) => (health?.sizeBytes === null || health === undefined ? '–' : bytes(health.sizeBytes)),
  },
  { title: 'Engine', isExtra: true, cell: ({ engine }) => engine },
  {
    title: 'Entities',
    isExtra: true,
    cell: ({ entities }) =>
      entities.map((entity, at) => (
        <span key={entity}>
          {at > 0 && ', '}
          <a href={to('data', entity)}>{entity}</a>
        </span>
      )),
  },
]

/** What an operator should hear beside the states. */
function troublesOf(rows: readonly Row[]): readonly string[] {
  const absent = rows.filter(({ health }) => health?.state === 'absent').map(({ name }) => name)
  const made = absent.length === 0 ? [] : [`${absent.join(', ')}: made by the first load, or by "shardyard migrate"`]
  return [
    ...rows.flatMap(({ name, health }) =>
      [...(health?.error == null ? [] : [health.error]), ...(health?.warnings ?? [])].map((text) => `${name}: ${text}`),
    ),
    ...made,
  ]
}

function Rates({ names }: { readonly names: readonly string[] }) {
  const rates = useStore(live, (now) => now.rates)
  if (!rates.some(({ total }) => total > 0))
    return <p class="note">Nothing is being written. Rows per second are drawn here while loads run.</p>
  return (
    <Chart
      title="Rows per second, by database"
      at={rates.map(({ at }) => at)}
      lines={names.map((name) => ({ name, values: rates.map(({ databases }) => databases[name] ?? 0) }))}
    />
  )
}
