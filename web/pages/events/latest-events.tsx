import type { LedgerEvent } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { MoreButton } from '../../parts/more-button.tsx'
import { Card } from '../../parts/page.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { usePaged } from '../../state/paged.ts'

/** The ledger's end: what came in lately, and what became of it. */
export function LatestEvents({ version, entity }: { readonly version: number; readonly entity: string }) {
  const paged = usePaged<LedgerEvent>('/events?limit=25', version)
  return (
    <Card title="Latest" isWide>
      <Loaded resource={paged.first}>
        {() => (
          <Table
            caption="Latest events"
            columns={columnsFor(entity)}
            rows={paged.items}
            keyOf={({ run, position }) => `${run} ${position}`}
            empty="Nothing came in yet. Post one above, or load a file."
          />
        )}
      </Loaded>
      <MoreButton paged={paged} />
    </Card>
  )
}

function columnsFor(entity: string): readonly Column<LedgerEvent>[] {
  return [
    {
      title: 'Outcome',
      cell: ({ outcome, codes }) => (
        <>
          <StateBadge state={outcome} /> {codes.length > 0 && <code>{codes.join(', ')}</code>}
        </>
      ),
    },
    { title: entity, isNumber: true, cell: ({ id }) => id ?? '–' },
    { title: 'Record', cell: ({ text }) => <code class="clip wide">{text}</code> },
  ]
}
