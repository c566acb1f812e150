/** Keeps the stream of live events open: begins anew after each end, later and later, with the last id it has seen. */
import { apiUrl } from '../api/ask.ts'
import { keyHeaders } from '../api/key.ts'
import { readEvents } from '../api/read-events.ts'
import { live, takeEvent } from './live.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

let lastId = ''
let stop = new AbortController()
let wake = (): void => undefined

/** Begins, for as long as the page is open. */
export function connect(): void {
  // A laptop that wakes up, or a network that is back, need not wait for the pause to end.
  addEventListener('online', () => wake())
  document.addEventListener('visibilitychange', () => document.hidden || wake())
  void keepOpen()
}

/** Begins anew at once, with the key that is kept now. */
export function reconnect(): void {
  stop.abort()
  wake()
}

async function keepOpen(): Promise<never> {
  let pauseMs = FIRST_PAUSE_MS
  for (;;) {
    stop = new AbortController()
    const outcome = await listen(stop.signal)
    if (outcome === 'lost after events') pauseMs = FIRST_PAUSE_MS
    live.change({ connection: outcome === 'refused' ? 'refused' : 'lost' })
    await pause(outcome === 'refused' ? undefined : pauseMs * (0.75 + Math.random() / 2))
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
    live.change({ connection: 'connecting' })
  }
}

async function listen(signal: AbortSignal): Promise<'lost' | 'lost after events' | 'refused'> {
  let hasEvents = false
  try {
    const headers = {
      accept: 'text/event-stream',
      ...keyHeaders(),
      ...(lastId === '' ? {} : { 'last-event-id': lastId }),
    }
    const response = await fetch(apiUrl('/stream'), { headers, signal, cache: 'no-store' })
    if (response.status === 401 || response.status === 403) return 'refused'
    if (!response.ok || response.body === null) return 'lost'
    live.change({ connection: 'live' })
    for await (const { id, kind, data } of readEvents(response.body)) {
      hasEvents = true
      if (id !== '') lastId = id
      takeEvent(kind, JSON.parse(data) as never)
    }
  } catch {
    // The end of the stream has one meaning, however it came: try again.
  }
  return hasEvents ? 'lost after events' : 'lost'
}

async function pause(ms: number | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    wake = resolve
    if (ms !== undefined) setTimeout(resolve, ms)
  })
}
