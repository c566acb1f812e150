import { ask } from '../../api/ask.ts'
import type { Job } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { ActionButton } from '../../parts/controls.tsx'
import { count } from '../../parts/format.ts'
import { ProblemNotice } from '../../parts/notice.tsx'
import { Progress } from '../../parts/progress.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { useAction } from '../../state/action.ts'
import { takeEvent } from '../../state/live.ts'
import { to } from '../../state/route.ts'

export function JobTable({ jobs, reload }: { readonly jobs: readonly Job[]; readonly reload: () => void }) {
  return (
    <Table
      caption="Jobs"
      columns={[...COLUMNS, { title: '', cell: (job) => <Steps job={job} reload={reload} /> }]}
      rows={jobs}
      keyOf={({ id }) => id}
      empty={
        <>
          No job here. Loads, simulations and <a href={to('reports')}>reports</a> become jobs.
        </>
      }
    />
  )
}

const PAGES: Readonly<Record<string, string>> = { ingest: 'load', redrive: 'load', report: 'reports' }

const COLUMNS: readonly Column<Job>[] = [
  {
    title: 'Job',
    cell: ({ id, kind }) => {
      const page = PAGES[kind]
      return (
        <>
          {page === undefined ? kind : <a href={to(page, id)}>{kind}</a>} <code class="muted extra">{id}</code>
        </>
      )
    },
  },
  {
    title: 'State',
    cell: ({ state, isCancelRequested, progress, kind, error }) => (
      <>
        <StateBadge state={state} />{' '}
        {isCancelRequested === true && state === 'running' && <span class="muted">stopping</span>}
        {state === 'running' && progress !== null && (
          <Progress title={kind} done={progress.done} total={progress.total} unit={progress.note ?? ''} />
        )}
        {error !== null && (
          <span class="why">
            {error.message} <code>{error.code}</code>
          </span>
        )}
      </>
    ),
  },
  {
    title: 'Errors',
    isNumber: true,
    isExtra: true,
    cell: ({ failures, attempts }) => `${count(failures)}${attempts === undefined ? '' : ` of ${attempts}`}`,
  },
  { title: 'Made', isExtra: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
  { title: 'Finished', isExtra: true, cell: ({ finishedAt }) => <Time at={finishedAt} /> },
]

function Steps({ job: { id, kind, state }, reload }: { readonly job: Job; readonly reload: () => void }) {
  const send = (step: 'retry' | 'cancel') => async () => {
    takeEvent('job', (await ask<Job>(`/jobs/${encodeURIComponent(id)}/${step}`, { method: 'POST' })) as never)
    reload()
  }
  const [retry, cancel] = [useAction(send('retry')), useAction(send('cancel'))]
  return (
    <>
      {(state === 'failed' || state === 'cancelled') && (
        <ActionButton action={retry} kind="small" label={`Retry ${kind} ${id}`}>
          Retry
        </ActionButton>
      )}
      {(state === 'pending' || state === 'running') && (
        <ActionButton action={cancel} kind="small" label={`Cancel ${kind} ${id}`}>
          Cancel
        </ActionButton>
      )}
      <ProblemNotice problem={retry.problem ?? cancel.problem} />
    </>
  )
}
