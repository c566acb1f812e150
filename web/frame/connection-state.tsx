import { live, type Live } from '../state/live.ts'
import { to } from '../state/route.ts'
import { useStore } from '../state/store.ts'

const WORDS: Readonly<Record<Live['connection'], readonly [tone: string, text: string]>> = {
  connecting: ['warn', 'Connecting…'],
  live: ['good', 'Live'],
  lost: ['bad', 'No connection; trying again'],
  refused: ['bad', 'A key is needed'],
}

/** Whether what is shown is of now. */
export function ConnectionState() {
  const connection = useStore(live, (now) => now.connection)
  const version = useStore(live, (now) => now.version)
  const [tone, text] = WORDS[connection]
  return (
    <div class="connection">
      {version !== '' && <span class="muted version">{version}</span>}
      <span class={`badge ${tone}`} role="status" data-connection={connection}>
        {connection === 'refused' ? <a href={to('settings')}>{text}</a> : text}
      </span>
    </div>
  )
}
