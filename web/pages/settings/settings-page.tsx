import type { PageProps } from '../../app.tsx'
import { Page } from '../../parts/page.tsx'
import { FaultsCard } from './faults-card.tsx'
import { KeyCard } from './key-card.tsx'
import { ServerCard } from './server-card.tsx'
import { ThemeCard } from './theme-card.tsx'

/** The key of this tab, failing on purpose, how the page looks, and what the server does by itself. */
export function SettingsPage({ cluster }: PageProps) {
  return (
    <Page title="Settings">
      <div class="cards">
        <KeyCard cluster={cluster} />
        <ThemeCard />
        <FaultsCard />
        <ServerCard />
      </div>
    </Page>
  )
}
