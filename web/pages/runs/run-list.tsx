import type { Run } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { ChoiceField } from '../../parts/controls.tsx'
import { count, duration, share } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { MoreButton } from '../../parts/more-button.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { live } from '../../state/live.ts'
import { usePaged } from '../../state/paged.ts'
import { to } from '../../state/route.ts'
import { useStore } from '../../state/store.ts'

const KINDS = [
  ['', 'Every kind'],
  ['ingestion', 'Ingestions'],
  ['simulation', 'Simulations'],
] as const
const STATES = [
  ['', 'Every state'],
  ['running', 'Running'],
  ['complete', 'Complete'],
  ['incomplete', 'Incomplete'],
  ['interrupted', 'Interrupted'],
] as const

/** Runs, the latest first; those under way as they are now. */
export function RunList({ query }: { readonly query: URLSearchParams }) {
  const [kind, state] = [query.get('kind') ?? '', query.get('state') ?? '']
  const filter = new URLSearchParams({ limit: '50', ...(kind && { kind }), ...(state && { state }) })
  const paged = usePaged<Run>(`/runs?${filter}`)
  const told = useStore(live, (now) => now.runs)
  const listed = new Set(paged.items.map(({ id }) => id))
  const begun = Object.values(told).filter(
    (run) => !listed.has(run.id) && (kind === '' || run.kind === kind) && (state === '' || run.state === state),
  )
  const rows = [...begun.toReversed(), ...paged.items.map((run) => told[run.id] ?? run)]
  const go = (part: Readonly<Record<string, string>>) => {
    location.hash = to('runs', undefined, { ...(kind && { kind }), ...(state && { state }), ...part })
  }
  return (
    <Page title="Runs" lead="Each load of files, topics or simulated records, with its account.">
      <Card title="All runs" isWide>
        <div class="row">
          <ChoiceField label="Kind" value={kind} choices={KINDS} onChange={(value) => go({ kind: value })} />
          <ChoiceField label="State" value={state} choices={STATES} onChange={(value) => go({ state: value })} />
        </div>
        <Loaded resource={paged.first}>
          {() => (
            <Table
              caption="Runs"
              columns={COLUMNS}
              rows={rows}
              keyOf={({ id }) => id}
              empty={
                <>
                  No run here yet. <a href={to('load')}>Load a file</a> to make one.
                </>
              }
            />
          )}
        </Loaded>
        <MoreButton paged={paged} />
      </Card>
    </Page>
  )
}

const COLUMNS: readonly Column<Run>[] = [
  {
    title: 'Run',
    cell: ({ id, title }) => (
      <a class="clip" href={to('runs', id)} title={id}>
        {title}
      </a>
    ),
  },
  { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { title: 'Accepted', isNumber: true, cell: ({ counts }) => count(counts.accepted) },
  {
    title: 'Rejected',
    isNumber: true,
    cell: ({ counts }) => <span class={counts.rejected > 0 ? 'of-rejected' : ''}>{count(counts.rejected)}</span>,
  },
  { title: 'Duplicate', isNumber: true, isExtra: true, cell: ({ counts }) => count(counts.duplicate) },
  {
    title: 'Success',
    isNumber: true,
    isExtra: true,
    cell: ({ successRate }) => (successRate === null ? '–' : share(successRate)),
  },
  { title: 'Kind', isExtra: true, cell: ({ kind, entity }) => (entity === null ? kind : `${kind} into ${entity}`) },
  { title: 'Took', isNumber: true, isExtra: true, cell: ({ wallMs }) => duration(wallMs) },
  { title: 'Started', cell: ({ startedAt }) => <Time at={startedAt} /> },
]
