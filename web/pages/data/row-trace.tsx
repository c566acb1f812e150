import type { Trace } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { count } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Time } from '../../parts/time.tsx'
import { useResource } from '../../state/resource.ts'
import { to } from '../../state/route.ts'

/** Where a row comes from: the line of the file, what was changed of it, the run. */
export function RowTrace({ entity, id }: { readonly entity: string; readonly id: string }) {
  const traces = useResource<readonly Trace[]>(
    `/entities/${encodeURIComponent(entity)}/${encodeURIComponent(id)}/trace`,
  )
  return (
    <section aria-label={`Where ${entity} ${id} comes from`}>
      <h3>
        Where {entity} {id} comes from
      </h3>
      <Loaded resource={traces}>
        {(items) =>
          items.length === 0 ? (
            <Empty>No ingestion that has kept its lines knows of it.</Empty>
          ) : (
            items.map((trace) => <Origin key={`${trace.run} ${trace.position}`} trace={trace} />)
          )
        }
      </Loaded>
    </section>
  )
}

function Origin({ trace: { run, startedAt, fileTitle, line, raw, outcome, changes = [] } }: { readonly trace: Trace }) {
  return (
    <dl class="pairs">
      <div>
        <dt>Run</dt>
        <dd>
          <a href={to('runs', run)}>{run}</a>, <Time at={startedAt} />
        </dd>
      </div>
      <div>
        <dt>Source</dt>
        <dd>
          {fileTitle}, line {count(line)} <StateBadge state={outcome} />
        </dd>
      </div>
      <div>
        <dt>Record</dt>
        <dd>
          <code>{raw}</code>
        </dd>
      </div>
      {changes.map(({ field, from, to: after, why }) => (
        <div key={`${field} ${why}`}>
          <dt>Changed {field}</dt>
          <dd>
            <code>{from}</code> → <code>{after}</code> ({why})
          </dd>
        </div>
      ))}
    </dl>
  )
}
