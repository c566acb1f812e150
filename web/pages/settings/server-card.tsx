import type { Consumer, Schedule } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { count } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Card } from '../../parts/page.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { useResource } from '../../state/resource.ts'

/** What the server does by itself: topics that it reads, work that it begins by the clock. */
export function ServerCard() {
  const consumers = useResource<{ items: readonly Consumer[] }>('/consumers')
  const schedules = useResource<{ items: readonly Schedule[] }>('/schedules')
  return (
    <>
      <Card title="Schedules" isWide>
        <Loaded resource={schedules}>
          {({ items }) => (
            <Table
              caption="Schedules"
              columns={SCHEDULE_COLUMNS}
              rows={items}
              keyOf={({ name }) => name}
              empty="The config begins nothing by the clock."
            />
          )}
        </Loaded>
      </Card>
      <Card title="Kafka topics" isWide>
        <Loaded resource={consumers}>
          {({ items }) => (
            <Table
              caption="Kafka topics"
              columns={CONSUMER_COLUMNS}
              rows={items}
              keyOf={({ name }) => name}
              empty="The config reads no topic. Say which in the consumers of defineServer."
            />
          )}
        </Loaded>
      </Card>
    </>
  )
}

const SCHEDULE_COLUMNS: readonly Column<Schedule>[] = [
  { title: 'Name', cell: ({ name }) => name },
  {
    title: 'When',
    cell: ({ cron, timeZone }) => (
      <>
        <code>{cron}</code> {timeZone}
      </>
    ),
  },
  { title: 'Next', cell: ({ nextAt }) => <Time at={nextAt} /> },
  {
    title: 'Last',
    cell: ({ lastAt, lastState }) => (
      <>
        <Time at={lastAt} /> {lastState !== null && <StateBadge state={lastState} />}
      </>
    ),
  },
]

const CONSUMER_COLUMNS: readonly Column<Consumer>[] = [
  { title: 'Name', cell: ({ name }) => name },
  {
    title: 'State',
    cell: ({ state, error }) => (
      <>
        <StateBadge state={state} /> {error !== null && <span class="why">{error}</span>}
      </>
    ),
  },
  { title: 'Lag', isNumber: true, cell: ({ lag }) => (lag === null ? '–' : count(lag)) },
  { title: 'Accepted', isNumber: true, cell: ({ counts }) => count(counts.accepted) },
  { title: 'Rejected', isNumber: true, cell: ({ counts }) => count(counts.rejected) },
  { title: 'Topic', isExtra: true, cell: ({ topic, into }) => `${topic} into ${into}` },
]
