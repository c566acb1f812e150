import { moment } from './format.ts'

export function Time({ at }: { readonly at: string | null | undefined }) {
  if (at === null || at === undefined) return <span class="muted">–</span>
  return (
    <time dateTime={at} title={at}>
      {moment(at)}
    </time>
  )
}
