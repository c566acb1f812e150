import { ask } from '../api/ask.ts'
import type { Faults } from '../api/types.ts'
import { ActionButton } from '../parts/controls.tsx'
import { ProblemNotice } from '../parts/notice.tsx'
import { Time } from '../parts/time.tsx'
import { useAction } from '../state/action.ts'
import { live } from '../state/live.ts'
import { useResource } from '../state/resource.ts'
import { useStore } from '../state/store.ts'

/** Stands above every page while something is made to fail, so that nobody takes it for an outage. */
export function FaultBanner() {
  const items = useFaults()
  const action = useAction(async () => {
    for (const { point } of items) await ask(`/faults/${encodeURIComponent(point)}`, { method: 'DELETE' })
    live.change({ faults: [] })
  })
  if (items.length === 0) return null
  return (
    <div class="banner" role="alert">
      <div>
        <strong>Failing on purpose.</strong>{' '}
        {items.map(({ point, share, until }) => (
          <span key={point} class="fault">
            <code>{point}</code> fails {share} % of the time until <Time at={until} />
          </span>
        ))}
      </div>
      <ActionButton action={action} kind="small">
        Switch off
      </ActionButton>
      <ProblemNotice problem={action.problem} />
    </div>
  )
}

/** The faults that are on: first as asked for, then as they are told. */
function useFaults(): Faults['items'] {
  const { value } = useResource<Faults>('/faults')
  const told = useStore(live, (now) => now.faults)
  return told ?? value?.items ?? []
}
