/** Ingestions as they go: asked for once, then again one by one as their jobs are told of. */
import { useEffect, useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import type { Ingestion, Job, Page } from '../api/types.ts'
import { live } from './live.ts'
import { useResource } from './resource.ts'
import { useStore } from './store.ts'

const KINDS: ReadonlySet<string> = new Set(['ingest', 'redrive'])

/** The latest ingestions, each as it is now. */
export function useIngestions(): readonly Ingestion[] {
  const { value } = useResource<Page<Ingestion>>('/ingestions?limit=20')
  const jobs = useStore(live, (now) => now.jobs)
  const [told, setTold] = useState<Readonly<Record<string, Ingestion>>>({})
  const latest = Object.values(jobs).findLast(({ kind }) => KINDS.has(kind))
  useEffect(() => {
    if (latest === undefined) return
    asked(latest).then(
      (ingestion) => setTold((now) => ({ ...now, [ingestion.id]: ingestion })),
      // The list keeps what it had; the next event asks again.
      () => undefined,
    )
  }, [latest])
  const listed = (value?.items ?? []).filter(({ id }) => told[id] === undefined)
  return [...Object.values(told), ...listed]
}

/** One ingestion as it is now; its problem when it cannot be had. */
export function useIngestion(id: string | undefined) {
  const job = useStore(live, (now) => (id === undefined ? undefined : now.jobs[id]))
  return useResource<Ingestion>(id === undefined ? undefined : `/ingestions/${encodeURIComponent(id)}`, job)
}

async function asked({ id }: Job): Promise<Ingestion> {
  return await ask<Ingestion>(`/ingestions/${encodeURIComponent(id)}`)
}
