import type { Counts } from '../api/types.ts'
import { Badge } from './badge.tsx'
import { count } from './format.ts'

const KINDS = ['accepted', 'rejected', 'duplicate', 'blank', 'header'] as const

/** The account of a run: everything that was read, and what became of it. */
export function Account({ counts, isBalanced }: { readonly counts: Counts; readonly isBalanced: boolean | null }) {
  const read = KINDS.reduce((sum, kind) => sum + counts[kind], 0)
  return (
    <div class="account">
      <p>
        read <b>{count(read)}</b> ={' '}
        {KINDS.map((kind, at) => (
          <span key={kind} class={counts[kind] > 0 ? `of-${kind}` : 'muted'}>
            {at > 0 && ' + '}
            {kind} <b>{count(counts[kind])}</b>
          </span>
        ))}{' '}
        {isBalanced === true && <Badge tone="good">balances</Badge>}
        {isBalanced === false && <Badge tone="bad">does not balance</Badge>}
      </p>
      <Shares counts={counts} />
    </div>
  )
}

/** Outcomes as a bar; the words beside it say the same. */
export function Shares({ counts }: { readonly counts: Counts }) {
  const records = counts.accepted + counts.rejected + counts.duplicate
  if (records === 0) return null
  let from = 0
  return (
    <svg class="shares" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      {(['accepted', 'rejected', 'duplicate'] as const).map((kind) => {
        const width = (counts[kind] / records) * 100
        const x = from
        from += width
        return <rect key={kind} class={`of-${kind}`} x={x} y="0" width={width} height="4" />
      })}
    </svg>
  )
}
