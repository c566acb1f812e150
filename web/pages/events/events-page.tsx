import type { PageProps } from '../../app.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { live } from '../../state/live.ts'
import { useCalm } from '../../state/resource.ts'
import { useStore } from '../../state/store.ts'
import { LatestEvents } from './latest-events.tsx'
import { PostEvent } from './post-event.tsx'
import { EventTotalsCard } from './event-totals.tsx'

/** Single records that clients post. */
export function EventsPage({ cluster }: PageProps) {
  const posted = useCalm(useStore(live, ({ events }) => events.accepted + events.duplicate + events.rejected))
  return (
    <Page title="Events" lead="Records that clients post one by one; each is stored before it is acknowledged.">
      <Loaded resource={cluster}>
        {({ events }) =>
          events === null ? (
            <Card title="Events" isWide>
              <Empty>
                The config names no entity for events. Say <code>events: {'{ into: Event }'}</code> in{' '}
                <code>defineServer</code>.
              </Empty>
            </Card>
          ) : (
            <div class="cards">
              <PostEvent entity={events} />
              <EventTotalsCard version={posted} />
              <LatestEvents version={posted} entity={events} />
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}
