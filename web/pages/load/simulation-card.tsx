import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import type { Job } from '../../api/types.ts'
import { ActionButton, ActionForm, TextField } from '../../parts/controls.tsx'
import { StateBadge } from '../../parts/badge.tsx'
import { Card } from '../../parts/page.tsx'
import { Progress } from '../../parts/progress.tsx'
import { useAction } from '../../state/action.ts'
import { live } from '../../state/live.ts'
import { to } from '../../state/route.ts'
import { useResource } from '../../state/resource.ts'
import { useStore } from '../../state/store.ts'

const FIELDS = [
  { name: 'threads', label: 'Threads', hint: '10 unless said', min: 1, max: 64 },
  { name: 'count', label: 'Records', hint: 'empty: the sample data', min: 1, max: 10_000_000 },
  { name: 'seed', label: 'Seed', hint: 'the same seed makes the same records', min: 0, max: 4_294_967_295 },
  { name: 'invalid', label: 'Share with an error', hint: 'from 0 to 1', min: 0, max: 1 },
] as const

/** Made-up records from many threads, to see the databases at work. */
export function SimulationCard() {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [id, setId] = useState<string>()
  const action = useAction(async () => {
    const body = Object.fromEntries(
      Object.entries(values).flatMap(([name, text]) => (text === '' ? [] : [[name, Number(text)]])),
    )
    setId((await ask<Job>('/simulations', { method: 'POST', body })).id)
  })
  return (
    <Card title="Simulate insertions" isWide>
      <ActionForm action={action}>
        <div class="grid">
          {FIELDS.map(({ name, ...field }) => (
            <TextField
              key={name}
              type="number"
              {...field}
              {...(name === 'invalid' ? { step: 'any' } : {})}
              value={values[name] ?? ''}
              onChange={(value) => setValues((now) => ({ ...now, [name]: value }))}
            />
          ))}
        </div>
        <div class="actions">
          <ActionButton action={action} isSubmit>
            Start the simulation
          </ActionButton>
        </div>
      </ActionForm>
      {id !== undefined && <Simulation id={id} />}
    </Card>
  )
}

function Simulation({ id }: { readonly id: string }) {
  const job = useStore(live, (now) => now.jobs[id])
  const { value } = useResource<Job & { readonly run: string | null }>(`/simulations/${id}`, job?.state)
  const now = job ?? value
  if (now === undefined) return null
  return (
    <div role="status">
      <p>
        Simulation <StateBadge state={now.state} />{' '}
        {value?.run != null && <a href={to('runs', value.run)}>See the run</a>}
      </p>
      {now.state === 'running' && (
        <Progress title="Simulation" done={now.progress?.done ?? 0} total={now.progress?.total} />
      )}
      {now.error !== null && <p class="bad">{now.error.message}</p>}
    </div>
  )
}
