import type { RunDetail } from '../../api/types.ts'
import { Account } from '../../parts/account.tsx'
import { StateBadge } from '../../parts/badge.tsx'
import { count, duration, share } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Card, Figure, Page } from '../../parts/page.tsx'
import { Time } from '../../parts/time.tsx'
import { live } from '../../state/live.ts'
import { useCalm, useResource } from '../../state/resource.ts'
import { useStore } from '../../state/store.ts'
import { RedriveCard } from './redrive-card.tsx'
import { RejectsCard } from './rejects-card.tsx'
import { DatabasesTable, FilesTable, ReasonsTable } from './run-tables.tsx'
import { RunReportButtons } from './run-report-buttons.tsx'

interface Props {
  readonly id: string
  readonly code: string
  readonly formats: readonly string[]
}

/** One run: what became of each record, why, and what can be done about it. */
export function RunView({ id, code, formats }: Props) {
  const told = useStore(live, (now) => now.runs[id])
  const version = useCalm(useChanges(told?.records ?? 0, told?.state))
  const resource = useResource<RunDetail>(`/runs/${encodeURIComponent(id)}`, version)
  return (
    <Page title={resource.value?.title ?? 'Run'} lead={<code>{id}</code>} actions={<RunReportButtons run={id} />}>
      <Loaded resource={resource}>
        {(detail) => (
          <>
            <Figures run={{ ...detail, ...told }} />
            <div class="cards">
              <Card title="Account" isWide>
                <Account counts={(told ?? detail).counts} isBalanced={(told ?? detail).isBalanced} />
                <FilesTable files={detail.files} />
                <DatabasesTable databases={detail.databases} />
              </Card>
              {detail.counts.rejected > 0 && (
                <>
                  <Card title="Why records were rejected" isWide>
                    <ReasonsTable run={id} reasons={detail.reasons} code={code} />
                  </Card>
                  {detail.kind === 'ingestion' && (
                    <>
                      <RejectsCard run={id} code={code} formats={formats} reasons={detail.reasons} />
                      {detail.state !== 'running' && <RedriveCard run={id} />}
                    </>
                  )}
                </>
              )}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** A number that is another whenever what is told of the run is. */
function useChanges(records: number, state: string | undefined): number {
  return records * 2 + (state === undefined || state === 'running' ? 0 : 1)
}

function Figures({ run }: { readonly run: RunDetail }) {
  const { state, records, successRate, wallMs, threads, entity, kind, startedAt, dedupe, ledger } = run
  return (
    <dl class="figures">
      <Figure title="Records" value={count(records)} note={entity === null ? kind : `into ${entity}`} />
      <Figure
        title="Success rate"
        value={successRate === null ? '–' : share(successRate)}
        note={<StateBadge state={state} />}
      />
      <Figure title="Took" value={duration(wallMs)} note={<Time at={startedAt} />} />
      <Figure
        title="Threads"
        value={count(threads)}
        note={[dedupe !== null && `dedupe ${dedupe}`, ledger !== null && `ledger ${ledger}`].filter(Boolean).join(', ')}
      />
    </dl>
  )
}
