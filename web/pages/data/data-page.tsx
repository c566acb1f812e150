import type { PageProps } from '../../app.tsx'
import type { ClusterInfo, Summary } from '../../api/types.ts'
import { count } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { useResource } from '../../state/resource.ts'
import { to } from '../../state/route.ts'
import { EntityRows } from './entity-rows.tsx'
import { ExplainCard } from './explain-card.tsx'

/** Where entities live, which rows they have, and where a call would go. */
export function DataPage({ place, cluster }: PageProps) {
  return (
    <Page
      title={place.id ?? 'Data'}
      lead={place.id === undefined ? 'Where each entity lives, and what is in it.' : undefined}
    >
      <Loaded resource={cluster}>
        {(info) => {
          const entity = info.entities.find(({ name }) => name === place.id)
          return (
            <div class="cards">
              {entity === undefined ? <Placement cluster={info} /> : <EntityRows entity={entity} query={place.query} />}
              <ExplainCard entities={info.entities} first={entity?.name} />
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Placement({ cluster: { entities, databases } }: { readonly cluster: ClusterInfo }) {
  const summary = useResource<Summary>('/summary').value
  const engineOf = (name: string) => databases.find((database) => database.name === name)?.engine ?? ''
  return (
    <Card title="Placement" isWide>
      <Table
        caption="Placement of entities"
        columns={[
          { title: 'Entity', cell: ({ name }) => <a href={to('data', name)}>{name}</a> },
          { title: 'Database', cell: ({ database }) => database },
          {
            title: 'Rows',
            isNumber: true,
            cell: ({ name }) => {
              const rows = summary?.entities.find(({ entity }) => entity === name)?.rows
              return rows === null || rows === undefined ? '–' : count(rows)
            },
          },
          { title: 'Engine', isExtra: true, cell: ({ database }) => engineOf(database) },
          { title: 'Table', isExtra: true, cell: ({ table }) => <code>{table}</code> },
          {
            title: 'References',
            isExtra: true,
            cell: ({ fields }) =>
              [...new Set(fields.flatMap(({ references }) => (references === null ? [] : [references])))].join(', ') ||
              '–',
          },
        ]}
        rows={entities}
        keyOf={({ name }) => name}
        empty="The config places no entity."
      />
    </Card>
  )
}
