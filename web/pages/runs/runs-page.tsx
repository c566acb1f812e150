import type { PageProps } from '../../app.tsx'
import { RunList } from './run-list.tsx'
import { RunView } from './run-view.tsx'

/** All runs, or one of them. */
export function RunsPage({ place, cluster }: PageProps) {
  if (place.id === undefined) return <RunList query={place.query} />
  return <RunView id={place.id} code={place.query.get('code') ?? ''} formats={cluster.value?.formats.rejects ?? []} />
}
