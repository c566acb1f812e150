import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import type { ClusterEntity, Explained } from '../../api/types.ts'
import { ActionButton, ActionForm, ChoiceField, TextField } from '../../parts/controls.tsx'
import { valueText } from '../../parts/format.ts'
import { Card } from '../../parts/page.tsx'
import { useAction } from '../../state/action.ts'

/** Where a read would go, who decided it, and with which SQL. */
export function ExplainCard({
  entities,
  first,
}: {
  readonly entities: readonly ClusterEntity[]
  readonly first: string | undefined
}) {
  const [entity, setEntity] = useState(first ?? entities[0]?.name ?? '')
  const [where, setWhere] = useState('{ "id": 1 }')
  const [told, setTold] = useState<Explained>()
  const action = useAction(async () => {
    setTold(undefined)
    setTold(await ask<Explained>('/cluster/explain', { method: 'POST', body: { entity, where: whereOf(where) } }))
  })
  return (
    <Card title="Explain" isWide>
      <ActionForm action={action}>
        <div class="row">
          <ChoiceField
            label="Entity"
            value={entity}
            choices={entities.map(({ name }) => [name, name])}
            onChange={setEntity}
          />
          <TextField label="Where, as JSON" value={where} onChange={setWhere} />
          <div class="actions">
            <ActionButton action={action} isSubmit>
              Explain
            </ActionButton>
          </div>
        </div>
      </ActionForm>
      {told !== undefined && <Told told={told} />}
    </Card>
  )
}

function Told({ told: { databases, why, sql, parameters } }: { readonly told: Explained }) {
  return (
    <div role="status">
      <p>
        Goes to <b>{databases.join(', ')}</b>: {why}
      </p>
      {Object.entries(sql).map(([database, text]) => (
        <pre key={database} tabIndex={0} aria-label={`SQL in ${database}`}>
          <code>{text}</code>
        </pre>
      ))}
      {parameters.length > 0 && <p class="note">Parameters: {parameters.map(valueText).join(', ')}</p>}
    </div>
  )
}

function whereOf(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error('The condition is no JSON. Write it as { "id": 1 }.', { cause: error })
  }
}
