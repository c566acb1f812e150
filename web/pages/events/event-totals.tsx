import type { EventTotals } from '../../api/types.ts'
import { count, label } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Card } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { useResource } from '../../state/resource.ts'

/** Rows and sums for each client. */
export function EventTotalsCard({ version }: { readonly version: number }) {
  const resource = useResource<EventTotals>('/events/totals', version)
  return (
    <Card title={`Totals${resource.value === undefined ? '' : ` by ${resource.value.by}`}`}>
      <Loaded resource={resource}>
        {({ by, sum, items }) => (
          <Table
            caption={`Totals by ${by}`}
            columns={[
              { title: label(by), cell: ({ key }) => key },
              { title: 'Events', isNumber: true, cell: (item) => count(item.count) },
              { title: `Sum of ${sum}`, isNumber: true, cell: ({ total }) => total },
            ]}
            rows={items}
            keyOf={({ key }) => key}
            empty="No event is stored yet. Post one."
          />
        )}
      </Loaded>
    </Card>
  )
}
