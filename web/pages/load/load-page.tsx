import type { PageProps } from '../../app.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { IngestionCard } from './ingestion-card.tsx'
import { LoadForm } from './load-form.tsx'
import { SimulationCard } from './simulation-card.tsx'

/** Where loads begin: a file, with a look at what would become of it, or a simulation. */
export function LoadPage({ place, cluster }: PageProps) {
  if (place.id !== undefined) return <IngestionCard id={place.id} />
  return (
    <Page title="Load" lead="CSV, NDJSON or JSON, also gzip. Every record is accounted for; nothing is stored twice.">
      <Loaded resource={cluster}>
        {(info) => (
          <div class="cards">
            <LoadForm cluster={info} />
            {info.simulation && <SimulationCard />}
          </div>
        )}
      </Loaded>
    </Page>
  )
}
