import type { PageProps } from '../../app.tsx'
import type { Job } from '../../api/types.ts'
import { ChoiceField } from '../../parts/controls.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { MoreButton } from '../../parts/more-button.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { live } from '../../state/live.ts'
import { usePaged } from '../../state/paged.ts'
import { to } from '../../state/route.ts'
import { useStore } from '../../state/store.ts'
import { JobTable } from './job-table.tsx'

const STATES = [
  ['', 'Every state'],
  ['pending', 'Pending'],
  ['running', 'Running'],
  ['complete', 'Complete'],
  ['failed', 'Failed'],
  ['cancelled', 'Cancelled'],
] as const

/** What is done in the background, by this process and by all workers. */
export function JobsPage({ place, cluster }: PageProps) {
  const state = place.query.get('state') ?? ''
  const paged = usePaged<Job>(`/jobs?limit=50${state === '' ? '' : `&state=${encodeURIComponent(state)}`}`)
  const told = useStore(live, (now) => now.jobs)
  const listed = new Set(paged.items.map(({ id }) => id))
  const begun = Object.values(told).filter((job) => !listed.has(job.id) && (state === '' || job.state === state))
  const rows = [...begun.toReversed(), ...paged.items.map((job) => told[job.id] ?? job)]
  const queue = cluster.value?.queue.address
  return (
    <Page title="Jobs" lead={queue === undefined ? undefined : <>Kept in {queue}. They survive a killed server.</>}>
      <Card title="All jobs" isWide>
        <div class="row">
          <ChoiceField
            label="State"
            value={state}
            choices={STATES}
            onChange={(value) => {
              location.hash = to('jobs', undefined, value === '' ? {} : { state: value })
            }}
          />
        </div>
        <Loaded resource={paged.first}>{() => <JobTable jobs={rows} reload={paged.first.reload} />}</Loaded>
        <MoreButton paged={paged} />
      </Card>
    </Page>
  )
}
