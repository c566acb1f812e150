import type { Paged } from '../state/paged.ts'
import { ActionButton } from './controls.tsx'
import { ProblemNotice } from './notice.tsx'

/** The way to the next page of a list. */
export function MoreButton<Item>({ paged: { more } }: { readonly paged: Paged<Item> }) {
  if (more === undefined) return null
  return (
    <div class="actions">
      <ActionButton action={more} kind="small">
        Show more
      </ActionButton>
      <ProblemNotice problem={more.problem} />
    </div>
  )
}
