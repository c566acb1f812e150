/** The frame of every page: what it is connected to, what fails on purpose, where to go. */
import type { ComponentType } from 'preact'
import { useResource } from './state/resource.ts'
import type { ClusterInfo } from './api/types.ts'
import { ConnectionState } from './frame/connection-state.tsx'
import { FaultBanner } from './frame/fault-banner.tsx'
import { MainNav } from './frame/main-nav.tsx'
import { DataPage } from './pages/data/data-page.tsx'
import { EventsPage } from './pages/events/events-page.tsx'
import { JobsPage } from './pages/jobs/jobs-page.tsx'
import { LoadPage } from './pages/load/load-page.tsx'
import { OverviewPage } from './pages/overview/overview-page.tsx'
import { ReportsPage } from './pages/reports/reports-page.tsx'
import { RunsPage } from './pages/runs/runs-page.tsx'
import { SettingsPage } from './pages/settings/settings-page.tsx'
import { Empty } from './parts/notice.tsx'
import { Page } from './parts/page.tsx'
import { to, usePlace, type Place } from './state/route.ts'
import type { Resource } from './state/resource.ts'

/** What every page gets. */
export interface PageProps {
  readonly place: Place
  readonly cluster: Resource<ClusterInfo>
}

const PAGES: readonly (readonly [name: string, title: string, page: ComponentType<PageProps>])[] = [
  ['overview', 'Overview', OverviewPage],
  ['load', 'Load', LoadPage],
  ['runs', 'Runs', RunsPage],
  ['reports', 'Reports', ReportsPage],
  ['jobs', 'Jobs', JobsPage],
  ['events', 'Events', EventsPage],
  ['data', 'Data', DataPage],
  ['settings', 'Settings', SettingsPage],
]

export function App() {
  const place = usePlace()
  const cluster = useResource<ClusterInfo>('/cluster')
  const Shown = PAGES.find(([name]) => name === place.page)?.[2] ?? NoPage
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The hash is the page here; the link moves the focus by itself.
          event.preventDefault()
          document.getElementById('main')?.focus()
        }}
      >
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href={to('overview')}>
          <img src="./favicon.svg" alt="" width="22" height="22" /> shardyard
        </a>
        <ConnectionState />
      </header>
      <MainNav page={place.page} pages={PAGES} />
      <main id="main" tabIndex={-1}>
        <FaultBanner />
        <Shown key={`${place.page}/${place.id ?? ''}`} place={place} cluster={cluster} />
      </main>
    </>
  )
}

function NoPage() {
  return (
    <Page title="No such page">
      <Empty>
        There is no page at this address. Go to the <a href={to('overview')}>overview</a>.
      </Empty>
    </Page>
  )
}
