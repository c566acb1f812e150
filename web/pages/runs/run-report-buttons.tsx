import { ask } from '../../api/ask.ts'
import type { ReportJob } from '../../api/types.ts'
import { ActionButton } from '../../parts/controls.tsx'
import { ProblemNotice } from '../../parts/notice.tsx'
import { useAction } from '../../state/action.ts'
import { to } from '../../state/route.ts'

/** Begins the report of a run, and goes to where it is watched. */
export function RunReportButtons({ run }: { readonly run: string }) {
  const begin = (format: string) => async () => {
    const { id } = await ask<ReportJob>('/reports', {
      method: 'POST',
      body: { report: 'run', format, options: { run } },
    })
    location.hash = to('reports', id)
  }
  const [pdf, html] = [useAction(begin('pdf')), useAction(begin('html'))]
  return (
    <>
      <ActionButton action={html}>Report</ActionButton>
      <ActionButton action={pdf} kind="main">
        PDF report
      </ActionButton>
      <ProblemNotice problem={pdf.problem ?? html.problem} />
    </>
  )
}
