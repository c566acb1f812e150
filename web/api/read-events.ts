/** Server-sent events over `fetch`, which unlike `EventSource` can send a key. */

export interface StreamEvent {
  readonly id: string
  readonly kind: string
  readonly data: string
}

/** The events of a stream, one by one, until it ends. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/)
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = eventOf(block)
        if (event !== undefined) yield event
      }
    }
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

/** A block without data is a comment, which only keeps the connection awake. */
function eventOf(block: string): StreamEvent | undefined {
  const fields: Record<string, string> = {}
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([a-z]+): ?(.*)$/.exec(line) ?? []
    if (name === 'data') data.push(value)
    else fields[name] = value
  }
  if (data.length === 0) return undefined
  return { id: fields['id'] ?? '', kind: fields['event'] ?? 'message', data: data.join('\n') }
}
