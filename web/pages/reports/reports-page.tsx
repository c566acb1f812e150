import type { PageProps } from '../../app.tsx'
import { useCatalog } from './catalog.ts'
import { ReportForm } from './report-form.tsx'
import { ReportList } from './report-list.tsx'
import { ReportView } from './report-view.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Card, Page } from '../../parts/page.tsx'

/** Reports: choose one, have it made, take it along or look at it here. */
export function ReportsPage({ place }: PageProps) {
  const catalog = useCatalog()
  if (place.id !== undefined) return <ReportView id={place.id} />
  return (
    <Page title="Reports" lead="Made by a worker, stored, and the same bytes for the same data.">
      <div class="cards">
        <Card title="New report" isWide>
          <Loaded resource={catalog}>{(value) => <ReportForm catalog={value} />}</Loaded>
        </Card>
        <ReportList />
      </div>
    </Page>
  )
}
