/** Many clients that post events to several servers, new ones and old ones, until each is acknowledged. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a storm has met. */
export interface Storm {
  /** How often each event was acknowledged, by its number. */
  readonly acknowledged: ReadonlyMap<number, number>
  /** How often each event was told to be new. */
  readonly accepted: ReadonlyMap<number, number>
  /** Answers that no client should see. */
  readonly strange: readonly string[]
  readonly unavailable: number
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
}

const RECENT = 200

/** Posts over `connections` connections to each server until `isOver`, and then until all is acknowledged. */
export async function storm(
  servers: readonly string[],
  { connections, isOver }: { readonly connections: number; readonly isOver: () => boolean },
): Promise<Storm> {
  const acknowledged = new Map<number, number>()
  const accepted = new Map<number, number>()
  const strange: string[] = []
  let unavailable = 0
  let last = 0
  const agent = new Agent({ keepAlive: true })
  const settle = async (url: string, number: number): Promise<void> => {
    for (;;) {
      const { status, retryAfter, body } = await post(agent, url, number)
      if (status === 201 || status === 200) {
        acknowledged.set(number, (acknowledged.get(number) ?? 0) + 1)
        if (status === 201) accepted.set(number, (accepted.get(number) ?? 0) + 1)
        return
      }
      if (status !== 503 || retryAfter === undefined) {
        strange.push(`${status} ${body}`)
        return
      }
      unavailable += 1
      await sleep(100)
    }
  }
  const client = async (url: string): Promise<void> => {
    // Every second one was sent before, by whichever client to whichever server, or is on its way there now.
    for (let turn = 0; !isOver(); turn++) {
      const number = turn % 2 === 0 ? ++last : Math.max(1, last - Math.floor(Math.random() * RECENT))
      await settle(url, number)
    }
  }
  await Promise.all(servers.flatMap((url) => Array.from({ length: connections }, () => client(url))))
  agent.destroy()
  return { acknowledged, accepted, strange, unavailable }
}

function post(agent: Agent, url: string, number: number): Promise<Answer> {
  const body = JSON.stringify({ client: 'storm', metric: `m${number}`, amount: 1, timestamp: '2024-01-01T00:00:00Z' })
  return new Promise((resolve) => {
    const sent = request(
      `${url}/api/v1/events`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], body: text }),
        )
      },
    )
    sent.on('error', (error) => resolve({ status: 0, retryAfter: undefined, body: error.message }))
    sent.end(body)
  })
}
