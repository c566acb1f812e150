import { useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'
import type { FaultItem, Faults } from '../../api/types.ts'
import { ActionButton, TextField } from '../../parts/controls.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Empty, ProblemNotice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { Time } from '../../parts/time.tsx'
import { useAction } from '../../state/action.ts'
import { live } from '../../state/live.ts'
import { useResource } from '../../state/resource.ts'
import { useStore } from '../../state/store.ts'

/** The failure switch: makes a point of the server fail for a while, to see what holds. */
export function FaultsCard() {
  const told = useStore(live, (now) => now.faults)
  const resource = useResource<Faults>('/faults', told)
  const [share, setShare] = useState('100')
  const [seconds, setSeconds] = useState('60')
  return (
    <Card title="Failing on purpose" isWide>
      <Loaded resource={resource}>
        {({ mayFail, points, items }) =>
          mayFail ? (
            <>
              <div class="row">
                <TextField
                  label="Share of the time, in %"
                  type="number"
                  min={1}
                  max={100}
                  value={share}
                  onChange={setShare}
                />
                <TextField
                  label="For how many seconds"
                  type="number"
                  min={1}
                  max={3600}
                  value={seconds}
                  onChange={setSeconds}
                />
              </div>
              <Table
                caption="Points that can fail"
                columns={[
                  { title: 'Point', cell: ({ point }) => <code>{point}</code> },
                  { title: 'What fails', cell: ({ describe }) => describe },
                  {
                    title: 'Until',
                    isExtra: true,
                    cell: ({ point }) => <Time at={(told ?? items).find((item) => item.point === point)?.until} />,
                  },
                  {
                    title: '',
                    cell: ({ point }) => (
                      <Switch
                        point={point}
                        isOn={(told ?? items).some((item) => item.point === point)}
                        body={{ action: 'unavailable', share: Number(share), seconds: Number(seconds) }}
                      />
                    ),
                  },
                ]}
                rows={points}
                keyOf={({ point }) => point}
                empty="Nothing can fail."
              />
            </>
          ) : (
            <Empty>
              This server lets nothing fail on purpose. Start it with <code>shardyard serve --faults</code>, never in
              production.
            </Empty>
          )
        }
      </Loaded>
    </Card>
  )
}

function Switch({ point, isOn, body }: { readonly point: string; readonly isOn: boolean; readonly body: object }) {
  const path = `/faults/${encodeURIComponent(point)}`
  const action = useAction(async () => {
    if (isOn) await ask(path, { method: 'DELETE' })
    else await ask(path, { method: 'PUT', body })
    // The answer of the list is the truth, also where no live events come in.
    live.change({ faults: (await ask<{ items: readonly FaultItem[] }>('/faults')).items })
  })
  return (
    <>
      <ActionButton
        action={action}
        kind={isOn ? 'main' : 'small'}
        label={`${isOn ? 'Switch off' : 'Let fail'}: ${point}`}
      >
        {isOn ? 'Switch off' : 'Let fail'}
      </ActionButton>
      <ProblemNotice problem={action.problem} />
    </>
  )
}
