import type { ReportJob } from '../../api/types.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { bytes } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { MoreButton } from '../../parts/more-button.tsx'
import { Card } from '../../parts/page.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { live } from '../../state/live.ts'
import { usePaged } from '../../state/paged.ts'
import { useCalm } from '../../state/resource.ts'
import { to } from '../../state/route.ts'
import { useStore } from '../../state/store.ts'
import { DownloadReport } from './download-report.tsx'

/** The reports that were asked for, the latest first. */
export function ReportList() {
  const settled = useCalm(useStore(live, (now) => now.settled))
  const paged = usePaged<ReportJob>('/reports?limit=25', settled)
  return (
    <Card title="Reports that were made" isWide>
      <Loaded resource={paged.first}>
        {() => (
          <Table
            caption="Reports that were made"
            columns={COLUMNS}
            rows={paged.items}
            keyOf={({ id }) => id}
            empty="No report was made yet. Choose one above."
          />
        )}
      </Loaded>
      <MoreButton paged={paged} />
    </Card>
  )
}

const COLUMNS: readonly Column<ReportJob>[] = [
  { title: 'Report', cell: ({ id, report }) => <a href={to('reports', id)}>{report}</a> },
  { title: 'Format', cell: ({ format }) => format.toUpperCase() },
  { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { title: 'Size', isNumber: true, isExtra: true, cell: ({ file }) => (file === null ? '–' : bytes(file.sizeBytes)) },
  { title: 'Asked for', isExtra: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
  { title: '', cell: (report) => <DownloadReport report={report} isSmall /> },
]
