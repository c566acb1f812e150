/** One request to the API, and what goes wrong with it as one kind of error. */
import { keyHeaders } from './key.ts'

/** An answer that is an error, or no answer at all (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
  readonly rejectId: string | undefined

  constructor(status: number, told: Partial<ApiProblem> & { readonly detail?: string; readonly title?: string }) {
    super(told.detail ?? told.title ?? `The server answered ${status}.`)
    this.status = status
    this.code = told.code ?? String(status)
    this.errors = told.errors ?? []
    this.rejectId = told.rejectId
  }
}

export interface AskOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** The address of a route, also when the dashboard stands below a path of another server. */
export function apiUrl(path: string): string {
  return new URL(`api/v1${path}`, document.baseURI).href
}

/** Asks the API for JSON. @throws ApiProblem */
export async function ask<Answer>(path: string, options: AskOptions = {}): Promise<Answer> {
  const response = await fetchApi(path, options)
  if (response.status === 204) return undefined as Answer
  return (await response.json()) as Answer
}

/** Asks the API for whatever it answers. @throws ApiProblem */
export async function fetchApi(path: string, { method = 'GET', body, signal }: AskOptions = {}): Promise<Response> {
  const isJson = body !== undefined
  const request: RequestInit = {
    method,
    headers: {
      accept: 'application/json, */*',
      ...keyHeaders(),
      ...(isJson ? { 'content-type': 'application/json' } : {}),
    },
    ...(isJson ? { body: JSON.stringify(body) } : {}),
    ...(signal === undefined ? {} : { signal }),
  }
  const response = await fetch(apiUrl(path), request).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new ApiProblem(0, { code: 'NO_ANSWER', detail: 'The server does not answer. Is it running? Try again.' })
  })
  if (!response.ok) throw new ApiProblem(response.status, await toldIn(response))
  return response
}

async function toldIn(response: Response): Promise<Partial<ApiProblem>> {
  try {
    return (await response.json()) as Partial<ApiProblem>
  } catch {
    return {}
  }
}

/** Anything that was thrown, as a problem that can be shown. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem(0, { code: 'ERROR', detail: error instanceof Error ? error.message : String(error) })
}
