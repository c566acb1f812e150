import type { Ingestion } from '../api/types.ts'
import { to } from '../state/route.ts'
import { StateBadge } from './badge.tsx'
import { count } from './format.ts'
import { Progress } from './progress.tsx'

/** One line of an ingestion under way. */
export function IngestionProgress({ ingestion }: { readonly ingestion: Ingestion }) {
  const { id, run, kind, source, into, state, progress, isDryRun } = ingestion
  return (
    <>
      <div class="between">
        <span class="clip">
          <a href={run === null ? to('load', id) : to('runs', run)}>
            {kind === 'redrive' ? `Redrive of ${source}` : source}
          </a>{' '}
          <span class="muted">{isDryRun ? 'preview' : `into ${into}`}</span>
        </span>
        <StateBadge state={state} />
      </div>
      {progress !== null && (
        <Progress
          title={source}
          done={progress.done}
          total={progress.total}
          perSecond={progress.recordsPerSecond}
          etaSeconds={progress.etaSeconds}
          unit={progress.rejected > 0 ? `(${count(progress.rejected)} rejected)` : ''}
        />
      )}
    </>
  )
}
