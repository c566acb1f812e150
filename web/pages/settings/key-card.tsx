import { useState } from 'preact/hooks'
import type { ClusterInfo, Me } from '../../api/types.ts'
import { currentKey, keepKey } from '../../api/key.ts'
import { TextField } from '../../parts/controls.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { reconnect } from '../../state/connect.ts'
import { live } from '../../state/live.ts'
import { useResource, type Resource } from '../../state/resource.ts'

/** The key that the server asks for; forgotten when the tab is closed. */
export function KeyCard({ cluster }: { readonly cluster: Resource<ClusterInfo> }) {
  const [typed, setTyped] = useState('')
  const [version, setVersion] = useState(0)
  const me = useResource<Me>('/me', version)
  const use = (key: string) => {
    keepKey(key)
    setTyped('')
    setVersion((now) => now + 1)
    live.change({ epoch: live.value.epoch + 1 })
    reconnect()
    cluster.reload()
  }
  return (
    <Card title="Key">
      <Loaded resource={me}>
        {({ needsKey, scopes }) => (
          <Notice tone={needsKey && scopes.length === 0 ? 'warn' : 'plain'}>
            {needsKey ? 'This server asks for a key.' : 'This server asks for no key.'} You may:{' '}
            {scopes.length === 0 ? 'nothing yet' : scopes.join(', ')}.
          </Notice>
        )}
      </Loaded>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim() !== '') use(typed.trim())
        }}
      >
        <TextField
          label="Key"
          type="password"
          value={typed}
          hint={
            <>
              Made by <code>shardyard keys create</code>. Kept in this tab until it is closed.
            </>
          }
          onChange={setTyped}
        />
        <div class="actions">
          <button type="submit" class="main">
            Use this key
          </button>
          {currentKey() !== '' && (
            <button type="button" onClick={() => use('')}>
              Forget the key
            </button>
          )}
        </div>
      </form>
    </Card>
  )
}
