import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import type { Ingestion, Upload } from '../../api/types.ts'
import { ActionButton } from '../../parts/controls.tsx'
import { ProblemNotice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { useAction } from '../../state/action.ts'
import { to } from '../../state/route.ts'
import { FileDrop } from '../load/source-picker.tsx'

/** Loads rejects again: corrected in the CSV that was downloaded, or as they are, after a rule or a row was mended. */
export function RedriveCard({ run }: { readonly run: string }) {
  const [upload, setUpload] = useState<Upload>()
  const begin = (body: object) => async () => {
    const { id } = await ask<Ingestion>(`/runs/${encodeURIComponent(run)}/redrive`, { method: 'POST', body })
    location.hash = to('load', id)
  }
  const corrected = useAction(begin({ upload: upload?.id }))
  const asTheyAre = useAction(begin({}))
  return (
    <Card title="Load the rejects again" isWide>
      <p class="hint">
        Download the rejects as CSV, correct the lines, delete those to leave out, and give the file back. It is known
        by its first column which reject each line is, so nothing is loaded twice.
      </p>
      <FileDrop upload={upload} onUpload={setUpload} />
      <div class="actions">
        <ActionButton action={corrected} kind="main" isDisabled={upload === undefined}>
          Load the corrected file
        </ActionButton>
        <ActionButton action={asTheyAre}>Load all as they are</ActionButton>
      </div>
      <ProblemNotice problem={corrected.problem ?? asTheyAre.problem} />
    </Card>
  )
}
