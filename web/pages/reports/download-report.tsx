import { download } from '../../api/download.ts'
import type { ReportJob } from '../../api/types.ts'
import { ActionButton } from '../../parts/controls.tsx'
import { ProblemNotice } from '../../parts/notice.tsx'
import { useAction } from '../../state/action.ts'

/** Takes a finished report along; nothing while there is no file. */
export function DownloadReport({
  report: { id, file },
  isSmall = false,
}: {
  readonly report: ReportJob
  readonly isSmall?: boolean
}) {
  const action = useAction(
    async () => await download(`/reports/${encodeURIComponent(id)}/content`, file?.name ?? 'report'),
  )
  if (file === null) return null
  return (
    <>
      <ActionButton action={action} kind={isSmall ? 'small' : 'main'} label={`Download ${file.name}`}>
        Download
      </ActionButton>
      <ProblemNotice problem={action.problem} />
    </>
  )
}
