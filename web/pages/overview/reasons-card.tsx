import type { Page, Run, RunDetail } from '../../api/types.ts'
import { count } from '../../parts/format.ts'
import { Empty } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { live } from '../../state/live.ts'
import { useCalm, useResource } from '../../state/resource.ts'
import { to } from '../../state/route.ts'
import { useStore } from '../../state/store.ts'

const SHOWN_MAX = 8

/** Why records are refused: in the loads that run now, else in the latest one. */
export function ReasonsCard() {
  const codes = useStore(live, (now) => now.rejects)
  const settled = useCalm(useStore(live, (now) => now.settled))
  const run = useResource<Page<Run>>('/runs?limit=20&kind=ingestion', settled).value?.items.find(
    ({ counts }) => counts.rejected > 0,
  )
  const detail = useResource<RunDetail>(run === undefined ? undefined : `/runs/${run.id}`, settled).value
  const isNow = codes.length > 0
  const shown = isNow ? codes : summed(detail?.reasons ?? [])
  return (
    <Card
      title="Top reasons for rejects"
      aside={
        isNow ? (
          'of what runs now'
        ) : detail === undefined ? undefined : (
          <a href={to('runs', detail.id)}>of the latest ingestion with rejects</a>
        )
      }
    >
      {shown.length === 0 ? (
        <Empty>No ingestion has rejected anything yet.</Empty>
      ) : (
        <Bars items={shown.slice(0, SHOWN_MAX)} />
      )}
    </Card>
  )
}

function summed(reasons: RunDetail['reasons']): { readonly code: string; readonly count: number }[] {
  const sums = new Map<string, number>()
  for (const reason of reasons) sums.set(reason.code, (sums.get(reason.code) ?? 0) + reason.count)
  return [...sums].map(([code, sum]) => ({ code, count: sum })).toSorted((one, other) => other.count - one.count)
}

function Bars({ items }: { readonly items: readonly { readonly code: string; readonly count: number }[] }) {
  const most = Math.max(...items.map((item) => item.count))
  return (
    <ul class="bars">
      {items.map(({ code, count: times }) => (
        <li key={code}>
          <code>{code}</code>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="of-rejected" width={(times / most) * 100} height="8" />
          </svg>
          <span class="number">{count(times)}</span>
        </li>
      ))}
    </ul>
  )
}
