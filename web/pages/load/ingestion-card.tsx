import { ask } from '../../api/ask.ts'
import type { Ingestion } from '../../api/types.ts'
import { Account } from '../../parts/account.tsx'
import { ActionButton } from '../../parts/controls.tsx'
import { IngestionProgress } from '../../parts/ingestion-progress.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Notice, ProblemNotice } from '../../parts/notice.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { useAction } from '../../state/action.ts'
import { useIngestion } from '../../state/ingestions.ts'
import { to } from '../../state/route.ts'

/** One ingestion that was begun: how far it is, and what it came to. */
export function IngestionCard({ id }: { readonly id: string }) {
  const resource = useIngestion(id)
  return (
    <Page
      title="Load"
      actions={
        <a class="button" href={to('load')}>
          Load another file
        </a>
      }
    >
      <Loaded resource={resource}>
        {(ingestion) => (
          <Card title={ingestion.kind === 'redrive' ? 'Redrive' : 'Ingestion'} isWide>
            <IngestionProgress ingestion={ingestion} />
            {ingestion.counts !== null && <Account counts={ingestion.counts} isBalanced={ingestion.isBalanced} />}
            <Outcome ingestion={ingestion} />
            <Steps ingestion={ingestion} reload={resource.reload} />
          </Card>
        )}
      </Loaded>
    </Page>
  )
}

function Outcome({ ingestion: { state, run, counts, error } }: { readonly ingestion: Ingestion }) {
  if (error !== null) {
    return (
      <div class="notice bad" role="alert">
        <p>
          <strong>{error.message}</strong> <code>{error.code}</code>
        </p>
      </div>
    )
  }
  if (state === 'cancelled')
    return <Notice tone="plain">It was cancelled. What was stored stays; resuming goes on from there.</Notice>
  if (state !== 'complete' || run === null) return null
  const rejected = counts?.rejected ?? 0
  return (
    <Notice tone={rejected > 0 ? 'warn' : 'good'}>
      Everything was read. {rejected === 0 ? 'Nothing was rejected.' : `${rejected} records were rejected.`}{' '}
      <a href={to('runs', run)}>{rejected === 0 ? 'See the run' : 'See why, and correct them'}</a>
    </Notice>
  )
}

function Steps({
  ingestion: { id, state, isDryRun },
  reload,
}: {
  readonly ingestion: Ingestion
  readonly reload: () => void
}) {
  const send = (step: 'cancel' | 'resume') => async () => {
    await ask(`/ingestions/${encodeURIComponent(id)}/${step}`, { method: 'POST' })
    reload()
  }
  const [cancel, resume] = [useAction(send('cancel')), useAction(send('resume'))]
  const mayResume = (state === 'cancelled' || state === 'failed') && !isDryRun
  return (
    <div class="actions">
      {(state === 'running' || state === 'pending') && <ActionButton action={cancel}>Cancel</ActionButton>}
      {mayResume && (
        <ActionButton action={resume} kind="main">
          Resume
        </ActionButton>
      )}
      <ProblemNotice problem={cancel.problem ?? resume.problem} />
    </div>
  )
}
