import { KEY_SCOPES, type KeyScope } from '../pipeline/keys/keys.js'

/** What a route asks for. `none` asks for no key at all: what tells nothing of the data. */
export type Scope = 'none' | KeyScope

export const SCOPES: readonly Scope[] = ['none', ...KEY_SCOPES]

/** As how many requests one counts that begins a job: more is done for it than to answer it. */
export const JOB_COST = 1_000

/** Who makes a request. */
export interface Caller {
  /** The id of the key; `anyone` when none is asked for. */
  readonly id: string
  readonly scopes: readonly KeyScope[]
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which scope a key needs for this route. Each route says one. */
    scope?: Scope
    /** How many requests one of these counts as. @defaultValue 1 */
    cost?: number
    /** True where the body is read as a stream, which may take as long as it goes on. @defaultValue false */
    streamsBody?: boolean
  }
  interface FastifyRequest {
    /** Set before the handler, but on routes of the scope `none`. */
    caller: Caller | undefined
  }
}
