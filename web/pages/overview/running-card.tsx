import type { Run } from '../../api/types.ts'
import { count, duration } from '../../parts/format.ts'
import { Empty } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { IngestionProgress } from '../../parts/ingestion-progress.tsx'
import { Progress } from '../../parts/progress.tsx'
import { useIngestions } from '../../state/ingestions.ts'
import { live } from '../../state/live.ts'
import { to } from '../../state/route.ts'
import { useStore } from '../../state/store.ts'

/** What is being loaded now, by this server, by others, and from the command line. */
export function RunningCard() {
  const ingestions = useIngestions().filter(({ state }) => state === 'running' || state === 'pending')
  const jobs = Object.values(useStore(live, (now) => now.jobs))
  const runs = Object.values(useStore(live, (now) => now.runs))
  const told = new Set(ingestions.map(({ run }) => run))
  const others = runs.filter(({ id, state }) => state === 'running' && !told.has(id))
  const reports = jobs.filter(({ kind, state }) => kind === 'report' && state === 'running')
  return (
    <Card title="Running now">
      {ingestions.length + others.length + reports.length === 0 && (
        <Empty>
          Nothing runs. <a href={to('load')}>Load a file</a>, or start a simulation there.
        </Empty>
      )}
      <ul class="plain-list">
        {ingestions.map((ingestion) => (
          <li key={ingestion.id}>
            <IngestionProgress ingestion={ingestion} />
          </li>
        ))}
        {others.map((run) => (
          <li key={run.id}>
            <RunningRun run={run} />
          </li>
        ))}
        {reports.map(({ id, progress }) => (
          <li key={id}>
            <a href={to('reports', id)}>Report</a>
            <Progress title="Report" done={progress?.done ?? 0} total={progress?.total} unit={progress?.note ?? ''} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function RunningRun({ run: { id, title, records, wallMs } }: { readonly run: Run }) {
  const perSecond = (records * 1000) / wallMs
  return (
    <>
      <a href={to('runs', id)}>{title}</a>{' '}
      <span class="note">
        {count(records)} {records === 1 ? 'record' : 'records'}
        {wallMs > 0 && ` · ${count(perSecond)}/s · ${duration(wallMs)}`}
      </span>
    </>
  )
}
