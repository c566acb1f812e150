/** A list that is asked for page by page, each added to those before. */
import { useEffect, useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import type { Page } from '../api/types.ts'
import { useAction, type Action } from './action.ts'
import { useResource, type Resource } from './resource.ts'

export interface Paged<Item> {
  readonly first: Resource<Page<Item>>
  readonly items: readonly Item[]
  /** Undefined when there is nothing more. */
  readonly more: Action<[]> | undefined
}

/** The list at `path`, which has its query already. */
export function usePaged<Item>(path: string | undefined, version: unknown = 0): Paged<Item> {
  const first = useResource<Page<Item>>(path, version)
  const [added, setAdded] = useState<Page<Item>>()
  useEffect(() => setAdded(undefined), [path, first.value])
  const next = added === undefined ? (first.value?.next ?? null) : added.next
  const more = useAction(async () => {
    const page = await ask<Page<Item>>(
      `${path ?? ''}${path?.includes('?') === true ? '&' : '?'}after=${encodeURIComponent(next ?? '')}`,
    )
    setAdded((now) => ({ items: [...(now?.items ?? []), ...page.items], next: page.next }))
  })
  return {
    first,
    items: [...(first.value?.items ?? []), ...(added?.items ?? [])],
    more: next === null ? undefined : more,
  }
}
