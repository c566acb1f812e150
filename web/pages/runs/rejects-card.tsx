import { download } from '../../api/download.ts'
import type { Reason, Reject } from '../../api/types.ts'
import { ActionButton, ChoiceField } from '../../parts/controls.tsx'
import { count, valueText } from '../../parts/format.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { MoreButton } from '../../parts/more-button.tsx'
import { ProblemNotice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { useAction } from '../../state/action.ts'
import { usePaged } from '../../state/paged.ts'
import { to } from '../../state/route.ts'

interface Props {
  readonly run: string
  readonly code: string
  readonly formats: readonly string[]
  readonly reasons: readonly Reason[]
}

/** The records that were refused, with every reason; to look at, and to take along and correct. */
export function RejectsCard({ run, code, formats, reasons }: Props) {
  const paged = usePaged<Reject>(
    `/runs/${encodeURIComponent(run)}/rejects?limit=25${code === '' ? '' : `&code=${encodeURIComponent(code)}`}`,
  )
  const codes = [...new Set(reasons.map((reason) => reason.code))]
  return (
    <Card title="Rejects" isWide>
      <div class="row">
        <ChoiceField
          label="Reason"
          value={code}
          choices={[['', 'Every reason'], ...codes.map((one) => [one, one] as const)]}
          onChange={(value) => {
            location.hash = to('runs', run, value === '' ? {} : { code: value })
          }}
        />
        <Downloads run={run} code={code} formats={formats} />
      </div>
      <Loaded resource={paged.first}>
        {() => (
          <Table
            caption="Rejected records"
            columns={COLUMNS}
            rows={paged.items}
            keyOf={({ id }) => id}
            empty="No reject has this reason."
          />
        )}
      </Loaded>
      <MoreButton paged={paged} />
    </Card>
  )
}

const COLUMNS: readonly Column<Reject>[] = [
  { title: 'Line', isNumber: true, cell: ({ line, file }) => <span title={file}>{count(line)}</span> },
  {
    title: 'Why',
    cell: ({ reasons }) =>
      reasons.map(({ code, field, message, fix }) => (
        <div class="reason" key={`${code} ${field}`}>
          <code>{code}</code> {message} {fix !== '' && <span class="muted">{fix}</span>}
        </div>
      )),
  },
  { title: 'Record', cell: (reject) => <Record reject={reject} /> },
]

function Record({ reject: { record, text } }: { readonly reject: Reject }) {
  return (
    <details class="record">
      <summary>
        <code class="clip">
          {text ??
            Object.values(record ?? {})
              .map(valueText)
              .join(', ')}
        </code>
      </summary>
      {record === null ? (
        <pre>{text}</pre>
      ) : (
        <dl class="pairs">
          {Object.entries(record).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{valueText(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  )
}

/** Kinds of file that rejects can be taken along in; CSV is the one to correct. */
function Downloads({ run, code, formats }: Omit<Props, 'reasons'>) {
  return (
    <div class="field">
      <span class="as-label">Download</span>
      <div class="actions">
        {formats.map((format) => (
          <DownloadButton key={format} run={run} code={code} format={format} />
        ))}
      </div>
    </div>
  )
}

function DownloadButton({
  run,
  code,
  format,
}: {
  readonly run: string
  readonly code: string
  readonly format: string
}) {
  const query = code === '' ? '' : `?code=${encodeURIComponent(code)}`
  const action = useAction(
    async () =>
      await download(`/runs/${encodeURIComponent(run)}/rejects.${format}${query}`, `rejects-${run}.${format}`),
  )
  return (
    <>
      <ActionButton action={action} kind="small" label={`Download the rejects as ${format.toUpperCase()}`}>
        {format.toUpperCase()}
      </ActionButton>
      <ProblemNotice problem={action.problem} />
    </>
  )
}
