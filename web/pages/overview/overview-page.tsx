import type { PageProps } from '../../app.tsx'
import type { Run, Summary } from '../../api/types.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { live } from '../../state/live.ts'
import { to } from '../../state/route.ts'
import { useCalm, useResource } from '../../state/resource.ts'
import { useStore } from '../../state/store.ts'
import { DatabasesCard } from './databases-card.tsx'
import { ReasonsCard } from './reasons-card.tsx'
import { RunningCard } from './running-card.tsx'
import { Totals } from './totals.tsx'

/** While something runs the totals are asked anew this often at most. */
const SUMMARY_MS = 2_000

/** What an operator wants in one look. */
export function OverviewPage({ cluster }: PageProps) {
  const changes = useStore(live, ({ settled, runs }) => settled + sumOf(Object.values(runs)))
  const version = useCalm(changes, SUMMARY_MS)
  const summary = useResource<Summary>('/summary', version)
  return (
    <Page
      title="Overview"
      actions={
        <a class="button main" href={to('load')}>
          Load a file
        </a>
      }
    >
      <Loaded resource={summary}>{(value) => <Totals summary={value} />}</Loaded>
      <div class="cards">
        <DatabasesCard cluster={cluster} />
        <RunningCard />
        <ReasonsCard />
      </div>
    </Page>
  )
}

function sumOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { records }) => sum + records, 0)
}
