import type { ComponentChildren } from 'preact'
import type { ApiProblem } from '../api/ask.ts'
import { to } from '../state/route.ts'

/** What went wrong, and what to do; nothing when nothing did. */
export function ProblemNotice({ problem, onRetry }: { problem: ApiProblem | undefined; onRetry?: () => void }) {
  if (problem === undefined) return null
  const needsKey = problem.status === 401 || problem.code === 'SCOPE_MISSING'
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{problem.message}</strong> <code>{problem.code}</code>
      </p>
      {problem.errors.length > 0 && (
        <ul>
          {problem.errors.map(({ pointer, code, detail }) => (
            <li key={`${pointer} ${code}`}>
              <code>{pointer.replace(/^#?\/?/, '') || 'the whole'}</code>: {detail}
            </li>
          ))}
        </ul>
      )}
      {needsKey && (
        <p>
          <a href={to('settings')}>Enter a key</a> that allows it. Keys are made by <code>shardyard keys create</code>.
        </p>
      )}
      {onRetry !== undefined && !needsKey && (
        <button type="button" class="small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Notice({ tone, children }: { tone: 'good' | 'warn' | 'plain'; children: ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role="status">
      {children}
    </div>
  )
}

/** What stands in place of a list that has nothing in it: why, and what to do. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>
}
