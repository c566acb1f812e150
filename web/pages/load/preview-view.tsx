import type { NamePlan, Preview } from '../../api/types.ts'
import { Account } from '../../parts/account.tsx'
import { bytes, count } from '../../parts/format.ts'
import { Table } from '../../parts/table.tsx'

interface Props {
  readonly preview: Preview
  readonly properties: readonly string[]
  readonly map: Readonly<Record<string, string>>
  readonly onMap: (map: Readonly<Record<string, string>>) => void
  readonly again: () => void
}

/** What a load would do: which column feeds what, what would be changed, what would be refused. */
export function PreviewView({ preview, properties, map, onMap, again }: Props) {
  const { entity, files, counts, reasons, rejects, changes } = preview
  return (
    <>
      <Account counts={counts} isBalanced={null} />
      <p class="hint">
        Nothing was written. What is stored already was not looked at, so some may turn out to be duplicates.
      </p>
      {files.map(({ title, sizeBytes, records, shape, names }) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          <p class="note">
            {shape.format}, {shape.encoding}
            {shape.format === 'csv' &&
              shape.delimiter != null &&
              `, fields between "${shape.delimiter === '\t' ? 'tab' : shape.delimiter}"`}
            , {count(records)} records, {bytes(sizeBytes)}
          </p>
          {names != null && <Mapping plan={names} entity={entity} properties={properties} map={map} onMap={onMap} />}
        </section>
      ))}
      {Object.keys(map).length > 0 && (
        <p>
          <button type="button" class="small" onClick={again}>
            Preview with this mapping
          </button>{' '}
          <button type="button" class="small" onClick={() => onMap({})}>
            Forget the mapping
          </button>
        </p>
      )}
      {changes.length > 0 && (
        <>
          <h3>What would be changed</h3>
          <Table
            caption="Changes"
            columns={[
              { title: 'Change', cell: ({ why }) => <code>{why}</code> },
              { title: 'Field', cell: ({ field }) => field },
              { title: 'Records', isNumber: true, cell: (change) => count(change.count) },
            ]}
            rows={changes}
            keyOf={({ why, field }) => `${why} ${field}`}
            empty=""
          />
        </>
      )}
      <Refused reasons={reasons} rejects={rejects} />
    </>
  )
}

function Refused({ reasons, rejects }: Pick<Preview, 'reasons' | 'rejects'>) {
  if (reasons.length === 0) return <p>Nothing would be rejected.</p>
  return (
    <>
      <h3>What would be rejected</h3>
      <Table
        caption="Reasons for rejects"
        columns={[
          { title: 'Reason', cell: ({ code }) => <code>{code}</code> },
          { title: 'Field', cell: ({ field }) => field },
          { title: 'Records', isNumber: true, cell: (reason) => count(reason.count) },
        ]}
        rows={reasons}
        keyOf={({ code, field }) => `${code} ${field}`}
        empty=""
      />
      <h3>The first of them</h3>
      <Table
        caption="The first rejects"
        columns={[
          { title: 'Line', isNumber: true, cell: ({ line }) => count(line) },
          {
            title: 'Why',
            cell: (reject) =>
              reject.reasons.map(({ code, field, message, fix = '' }) => (
                <div key={`${code} ${field}`}>
                  {message} <span class="muted">{fix}</span>
                </div>
              )),
          },
        ]}
        rows={rejects}
        keyOf={({ file, line }, at) => `${file} ${line} ${at}`}
        empty=""
      />
    </>
  )
}

interface MappingProps extends Pick<Props, 'properties' | 'map' | 'onMap'> {
  readonly plan: NamePlan
  readonly entity: string
}

/** Which name of the file feeds which property; each can be said otherwise. */
function Mapping({ plan, entity, properties, map, onMap }: MappingProps) {
  const rows = [
    ...plan.matches.map(({ name, property, by }) => ({ name, found: property, by })),
    ...plan.unused.map((name) => {
      const like = plan.lookalikes.find((one) => one.name === name)?.property
      return {
        name,
        found: '',
        by: like === undefined ? 'feeds nothing' : `looks like ${like}, but has other characters`,
      }
    }),
  ]
  const choose = (name: string, property: string) => {
    const { [name]: _before, ...others } = map
    onMap(property === '' ? others : { ...others, [name]: property })
  }
  return (
    <>
      <Table
        caption="Columns and what they feed"
        columns={[
          { title: 'In the file', cell: ({ name }) => name },
          {
            title: `${entity} field`,
            cell: ({ name, found }) => (
              <select
                aria-label={`What "${name}" feeds`}
                value={map[name] ?? ''}
                onChange={(event) => choose(name, event.currentTarget.value)}
              >
                <option value="">{found === '' ? '(nothing)' : found}</option>
                {properties
                  .filter((property) => property !== found)
                  .map((property) => (
                    <option key={property} value={property}>
                      {property}
                    </option>
                  ))}
              </select>
            ),
          },
          { title: 'Found by', cell: ({ name, by }) => (map[name] === undefined ? by : 'you') },
        ]}
        rows={rows}
        keyOf={({ name, found }) => `${name} ${found}`}
        empty="The file names no columns."
      />
      {plan.unfed.length > 0 && <p class="hint">Fed by nothing, so their defaults count: {plan.unfed.join(', ')}</p>}
    </>
  )
}
