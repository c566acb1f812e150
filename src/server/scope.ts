/** What a key allows. `none` asks for no key at all: what tells nothing of the data. */
export type Scope = 'none' | 'read' | 'ingest' | 'admin' | 'faults'

export const SCOPES: readonly Scope[] = ['none', 'read', 'ingest', 'admin', 'faults']

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which scope a key needs for this route. Each route says one. */
    scope?: Scope
  }
}
