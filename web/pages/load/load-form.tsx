import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import type { ClusterInfo, Ingestion } from '../../api/types.ts'
import { ActionButton, ChoiceField } from '../../parts/controls.tsx'
import { Notice, ProblemNotice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { useAction } from '../../state/action.ts'
import { useIngestion } from '../../state/ingestions.ts'
import { to } from '../../state/route.ts'
import { IngestionProgress } from '../../parts/ingestion-progress.tsx'
import { EMPTY_LOAD, isReady, requestOf, type LoadFields } from './load-request.ts'
import { MoreOptions } from './more-options.tsx'
import { PreviewView } from './preview-view.tsx'
import { SourcePicker } from './source-picker.tsx'

/** Choose, look, start. */
export function LoadForm({ cluster }: { readonly cluster: ClusterInfo }) {
  const [fields, setFields] = useState<LoadFields>({ ...EMPTY_LOAD, root: cluster.roots[0] ?? '' })
  const [previewId, setPreviewId] = useState<string>()
  const set = (part: Partial<LoadFields>) => setFields((now) => ({ ...now, ...part }))
  const preview = useAction(async () => setPreviewId((await begin(fields, true)).id))
  const start = useAction(async () => {
    location.hash = to('load', (await begin(fields, false)).id)
  })
  const ready = isReady(fields)
  return (
    <>
      <Card title="Load a file" isWide>
        <form onSubmit={(event) => event.preventDefault()}>
          <SourcePicker cluster={cluster} fields={fields} set={set} />
          <div class="row">
            <ChoiceField
              label="Into"
              value={fields.into}
              choices={[
                ['', 'Choose an entity'],
                ...cluster.entities.map(({ name, database }) => [name, `${name} (${database})`] as const),
              ]}
              onChange={(into) => set({ into, map: {} })}
            />
            <ChoiceField
              label="Format"
              value={fields.format}
              choices={FORMATS}
              onChange={(format) => set({ format })}
            />
          </div>
          <MoreOptions fields={fields} set={set} />
          <div class="actions">
            <ActionButton action={preview} isDisabled={!ready}>
              Preview
            </ActionButton>
            <ActionButton action={start} kind="main" isDisabled={!ready}>
              Start
            </ActionButton>
            {!ready && <span class="hint">Choose a file and an entity first.</span>}
          </div>
          <ProblemNotice problem={start.problem ?? preview.problem} />
        </form>
      </Card>
      {previewId !== undefined && (
        <PreviewCard id={previewId} cluster={cluster} fields={fields} set={set} again={preview.run} />
      )}
    </>
  )
}

const FORMATS = [
  ['auto', 'Found out from the file'],
  ['csv', 'CSV'],
  ['ndjson', 'NDJSON'],
  ['json', 'JSON'],
] as const

async function begin(fields: LoadFields, dryRun: boolean): Promise<Ingestion> {
  return await ask<Ingestion>('/ingestions', { method: 'POST', body: requestOf(fields, dryRun) })
}

interface PreviewProps {
  readonly id: string
  readonly cluster: ClusterInfo
  readonly fields: LoadFields
  readonly set: (part: Partial<LoadFields>) => void
  readonly again: () => void
}

function PreviewCard({ id, cluster, fields, set, again }: PreviewProps) {
  const { value, problem, reload } = useIngestion(id)
  const properties = cluster.entities.find(({ name }) => name === fields.into)?.fields ?? []
  return (
    <Card title="Preview" isWide>
      <ProblemNotice problem={problem} onRetry={reload} />
      {value?.error != null && (
        <div class="notice bad" role="alert">
          <p>
            <strong>{value.error.message}</strong> <code>{value.error.code}</code>
          </p>
        </div>
      )}
      {(value === undefined || value.state === 'pending' || value.state === 'running') && problem === undefined && (
        <>
          <Notice tone="plain">The file is being read. Nothing is written.</Notice>
          {value !== undefined && <IngestionProgress ingestion={value} />}
        </>
      )}
      {value?.preview != null && (
        <PreviewView
          preview={value.preview}
          properties={properties.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name)}
          map={fields.map}
          onMap={(map) => set({ map })}
          again={again}
        />
      )}
    </Card>
  )
}
