import { ask } from '../../api/ask.ts'
import type { ReportJob } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { ActionButton } from '../../parts/controls.tsx'
import { bytes, valueText } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { ProblemNotice } from '../../parts/notice.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { Progress } from '../../parts/progress.tsx'
import { Time } from '../../parts/time.tsx'
import { useAction } from '../../state/action.ts'
import { live } from '../../state/live.ts'
import { useResource } from '../../state/resource.ts'
import { to } from '../../state/route.ts'
import { useStore } from '../../state/store.ts'
import { DownloadReport } from './download-report.tsx'
import { ReportFrame } from './report-frame.tsx'

/** One report: how far it is; and when it is HTML, the report itself. */
export function ReportView({ id }: { readonly id: string }) {
  const job = useStore(live, (now) => now.jobs[id])
  const resource = useResource<ReportJob>(`/reports/${encodeURIComponent(id)}`, job?.state)
  const report = resource.value
  return (
    <Page
      title={report === undefined ? 'Report' : `Report: ${report.report}`}
      actions={
        <>
          <a class="button" href={to('reports')}>
            All reports
          </a>
          {report !== undefined && <DownloadReport report={report} />}
        </>
      }
    >
      <Loaded resource={resource}>
        {(value) => (
          <>
            <Card
              title={`${value.report} as ${value.format.toUpperCase()}`}
              isWide
              aside={<StateBadge state={value.state} />}
            >
              <Facts report={value} />
              {(value.state === 'running' || value.state === 'pending') && (
                <>
                  <Progress
                    title="Report"
                    done={job?.progress?.done ?? value.progress?.done ?? 0}
                    total={job?.progress?.total ?? value.progress?.total}
                    unit={job?.progress?.note ?? value.progress?.note ?? ''}
                  />
                  <Cancel id={id} reload={resource.reload} />
                </>
              )}
              {value.error !== null && (
                <div class="notice bad" role="alert">
                  <p>
                    <strong>{value.error.message}</strong> <code>{value.error.code}</code>
                  </p>
                </div>
              )}
            </Card>
            {value.state === 'complete' && value.format === 'html' && <ReportFrame id={id} title={value.report} />}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Facts({ report: { file, options, createdAt } }: { readonly report: ReportJob }) {
  return (
    <dl class="pairs">
      <div>
        <dt>Asked for</dt>
        <dd>
          <Time at={createdAt} />
        </dd>
      </div>
      {Object.entries(options).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{valueText(value)}</dd>
        </div>
      ))}
      {file !== null && (
        <div>
          <dt>File</dt>
          <dd>
            {file.name}, {bytes(file.sizeBytes)}, SHA-256 <code title={file.sha256}>{file.sha256.slice(0, 12)}…</code>
          </dd>
        </div>
      )}
    </dl>
  )
}

function Cancel({ id, reload }: { readonly id: string; readonly reload: () => void }) {
  const action = useAction(async () => {
    await ask(`/jobs/${encodeURIComponent(id)}/cancel`, { method: 'POST' })
    reload()
  })
  return (
    <div class="actions">
      <ActionButton action={action} kind="small">
        Cancel
      </ActionButton>
      <ProblemNotice problem={action.problem} />
    </div>
  )
}
