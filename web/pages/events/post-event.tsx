import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import { StateBadge } from '../../parts/badge.tsx'
import { ActionButton, ActionForm, Field } from '../../parts/controls.tsx'
import { Card } from '../../parts/page.tsx'
import { useAction } from '../../state/action.ts'
import { takeEvent } from '../../state/live.ts'

interface Answer {
  readonly status: 'accepted' | 'duplicate'
  readonly id: string | number
}

/** A box to post one event, as a client would. */
export function PostEvent({ entity }: { readonly entity: string }) {
  const [text, setText] = useState(() =>
    JSON.stringify({ client: 'acme', metric: 'visits', amount: '1.50', timestamp: new Date().toISOString() }, null, 2),
  )
  const [answer, setAnswer] = useState<Answer>()
  const action = useAction(async () => {
    setAnswer(undefined)
    const told = await ask<Answer>('/events', { method: 'POST', body: parsed(text) })
    setAnswer(told)
    // The lists beside this box are asked anew also while there is no connection for live events.
    takeEvent('events', { accepted: 0, duplicate: 0, rejected: 0, [told.status]: 1 } as never)
  })
  return (
    <Card title="Post an event">
      <ActionForm action={action}>
        <Field label="JSON object" hint={`As it goes to POST /api/v1/events; it becomes a row of ${entity}.`}>
          {(id, hintId) => (
            <textarea
              id={id}
              aria-describedby={hintId}
              rows={7}
              spellcheck={false}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="actions">
          <ActionButton action={action} kind="main" isSubmit>
            Post
          </ActionButton>
          {answer !== undefined && (
            <span role="status">
              <StateBadge state={answer.status} /> {answer.status === 'accepted' ? 'stored as' : 'is stored already as'}{' '}
              {entity} {answer.id}
            </span>
          )}
        </div>
      </ActionForm>
    </Card>
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
