import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import type { ReportJob, ReportOption } from '../../api/types.ts'
import { ActionButton, ActionForm, ChoiceField, TextField } from '../../parts/controls.tsx'
import { label } from '../../parts/format.ts'
import { Empty } from '../../parts/notice.tsx'
import { useAction } from '../../state/action.ts'
import { to } from '../../state/route.ts'
import { optionsOf, type Catalog } from './catalog.ts'

/** Which report, in which format, with the options that it has. */
export function ReportForm({ catalog: { items, formats } }: { readonly catalog: Catalog }) {
  const [name, setName] = useState(items.find((item) => item.name === 'run')?.name ?? items[0]?.name ?? '')
  const [format, setFormat] = useState(formats.includes('pdf') ? 'pdf' : (formats[0] ?? ''))
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const kind = items.find((item) => item.name === name)
  const action = useAction(async () => {
    const body = { report: name, format, options: optionsOf(kind?.options ?? [], typed) }
    location.hash = to('reports', (await ask<ReportJob>('/reports', { method: 'POST', body })).id)
  })
  if (kind === undefined) return <Empty>The config declares no report. Reports are declared by defineReport.</Empty>
  return (
    <ActionForm action={action}>
      <div class="row">
        <ChoiceField
          label="Report"
          value={name}
          choices={items.map((item) => [item.name, item.name])}
          hint={kind.describe}
          onChange={(value) => {
            setName(value)
            setTyped({})
          }}
        />
        <ChoiceField
          label="Format"
          value={format}
          choices={formats.map((one) => [one, one.toUpperCase()])}
          onChange={setFormat}
        />
      </div>
      {kind.options.length > 0 && (
        <div class="grid">
          {kind.options.map((option) => (
            <OptionField
              key={`${name} ${option.name}`}
              option={option}
              value={typed[option.name] ?? ''}
              onChange={(value) => setTyped((now) => ({ ...now, [option.name]: value }))}
            />
          ))}
        </div>
      )}
      <div class="actions">
        <ActionButton action={action} kind="main" isSubmit>
          Make the report
        </ActionButton>
      </div>
    </ActionForm>
  )
}

interface OptionProps {
  readonly option: ReportOption
  readonly value: string
  readonly onChange: (value: string) => void
}

const INPUTS = { string: 'text', integer: 'number', date: 'date', instant: 'datetime-local' } as const

function OptionField({ option, value, onChange }: OptionProps) {
  const { name, type, describe, choices, min, max, required } = option
  const preset = option.default === null || option.default === undefined ? '' : String(option.default)
  const title = `${label(name)}${required ? ' (needed)' : ''}`
  if (type === 'choice' || type === 'boolean') {
    const values = type === 'boolean' ? ['true', 'false'] : (choices ?? [])
    const shown = values.map((one) => [one, type === 'boolean' ? (one === 'true' ? 'Yes' : 'No') : one] as const)
    const none = [
      ['', preset === '' ? '–' : `${shown.find(([one]) => one === preset)?.[1] ?? preset} (default)`],
    ] as const
    return <ChoiceField label={title} value={value} choices={[...none, ...shown]} hint={describe} onChange={onChange} />
  }
  return (
    <TextField
      label={title}
      type={INPUTS[type]}
      value={value}
      hint={describe}
      isRequired={required}
      placeholder={preset}
      {...(type === 'integer' ? { min: min ?? undefined, max: max ?? undefined } : {})}
      onChange={onChange}
    />
  )
}
