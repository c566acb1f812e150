import { ChoiceField, TextField } from '../../parts/controls.tsx'
import type { LoadFields } from './load-request.ts'

interface Props {
  readonly fields: LoadFields
  readonly set: (part: Partial<LoadFields>) => void
}

const DEDUPE = [
  ['', 'Same bytes'],
  ['canonical', 'Same content'],
  ['key', 'Same unique key'],
] as const
const LEDGER = [
  ['', 'A line for each record'],
  ['rejects', 'Rejects only'],
  ['counts', 'Counts only'],
] as const

/** What a sound file does not need to be told. */
export function MoreOptions({ fields, set }: Props) {
  return (
    <details>
      <summary>More options</summary>
      <div class="grid">
        <ChoiceField
          label="Two records are the same when"
          value={fields.dedupe}
          choices={DEDUPE}
          onChange={(dedupe) => set({ dedupe })}
        />
        <ChoiceField label="Keep" value={fields.ledger} choices={LEDGER} onChange={(ledger) => set({ ledger })} />
        <TextField
          label="Threads"
          type="number"
          min={1}
          max={64}
          value={fields.threads}
          onChange={(threads) => set({ threads })}
        />
        <TextField
          label="Stop at rejects"
          value={fields.maxRejects}
          hint="A number, or a share such as 5%."
          onChange={(maxRejects) => set({ maxRejects })}
        />
        <TextField
          label="Encoding"
          value={fields.encoding}
          hint="Such as windows-1254."
          onChange={(encoding) => set({ encoding })}
        />
        <TextField
          label="Delimiter"
          value={fields.delimiter}
          hint="CSV: what stands between fields."
          onChange={(delimiter) => set({ delimiter })}
        />
        <TextField
          label="Header"
          value={fields.header}
          hint="CSV without a header line: a,b,c"
          onChange={(header) => set({ header })}
        />
        <TextField
          label="Member with the records"
          value={fields.path}
          hint="JSON: such as data."
          onChange={(path) => set({ path })}
        />
        <TextField
          label="Time zone"
          value={fields.zone}
          hint="Of dates that say none: Europe/Istanbul."
          onChange={(zone) => set({ zone })}
        />
      </div>
    </details>
  )
}
