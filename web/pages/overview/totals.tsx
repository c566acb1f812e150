import type { Summary } from '../../api/types.ts'
import { count, share, shortCount } from '../../parts/format.ts'
import { Figure } from '../../parts/page.tsx'
import { live } from '../../state/live.ts'
import { to } from '../../state/route.ts'
import { useStore } from '../../state/store.ts'

/** What all runs came to; the events that came in since the page was opened stand beside. */
export function Totals({ summary: { counts, successRate, runs, jobs } }: { readonly summary: Summary }) {
  const events = useStore(live, (now) => now.events)
  const posted = events.accepted + events.duplicate + events.rejected
  return (
    <dl class="figures">
      <Figure
        title="Accepted"
        value={shortCount(counts.accepted)}
        tone="good"
        note={posted > 0 ? `${count(posted)} posted since` : undefined}
      />
      <Figure title="Rejected" value={shortCount(counts.rejected)} tone={counts.rejected > 0 ? 'bad' : ''} />
      <Figure title="Duplicate" value={shortCount(counts.duplicate)} />
      <Figure title="Success rate" value={successRate === null ? '–' : share(successRate)} />
      <Figure
        title="Runs"
        value={count(runs.complete)}
        note={
          <>
            complete{runs.running > 0 && `, ${runs.running} running`}
            {runs.incomplete > 0 && (
              <>
                , <a href={to('runs', undefined, { state: 'incomplete' })}>{count(runs.incomplete)} incomplete</a>
              </>
            )}
          </>
        }
      />
      <Figure
        title="Jobs"
        value={count(jobs.running + jobs.pending)}
        note={
          <>
            to do{jobs.failed > 0 && ', '}
            {jobs.failed > 0 && <a href={to('jobs', undefined, { state: 'failed' })}>{count(jobs.failed)} failed</a>}
          </>
        }
      />
    </dl>
  )
}
