import type { Server } from 'shardyard'
import type { Ask } from '../helpers/api'

/** How the parts of the API that load files are asked in tests. */
export interface Loading {
  readonly ask: Ask
  readonly server: Server
}

/** An ingestion, or whatever else the API tells of a load. */
export type Told = Readonly<Record<string, unknown>> & { readonly id: string; readonly state: string }

/** Sends a file as a body; answers the id of the upload. */
export async function upload({ ask }: Loading, content: string | Buffer, name = 'data.csv'): Promise<string> {
  const response = await ask({
    method: 'POST',
    url: `/api/v1/uploads?name=${encodeURIComponent(name)}`,
    headers: { 'content-type': 'application/octet-stream' },
    payload: content,
  })
  return (response.json() as { id: string }).id
}

/** Begins a load and waits for its end; answers it. */
export async function load({ ask }: Loading, url: string, payload: object): Promise<Told> {
  const response = await ask({ method: 'POST', url, payload, headers: { prefer: 'wait=20' } })
  return response.json() as Told
}

/** Asks until a load has ended, however; answers it. */
export async function settled({ ask }: Loading, url: string): Promise<Told> {
  for (;;) {
    const told = (await ask(url)).json() as Told
    if (told.state !== 'pending' && told.state !== 'running') return told
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A form with one file. */
export function formOf(content: string | Buffer, name: string, field = 'file') {
  const boundary = 'form-of-a-test'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\n\r\n`
  const payload = Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from(`\r\n--${boundary}--\r\n`)])
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}
