/** Which page is shown: the part of the address behind `#`, as in `#/runs/r1?code=REQUIRED`. */
import { useEffect, useState } from 'preact/hooks'

export interface Place {
  readonly page: string
  readonly id: string | undefined
  readonly query: URLSearchParams
}

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [page = '', id] = path.split('/').map(decodeURIComponent)
  return { page: page === '' ? 'overview' : page, id: id === '' ? undefined : id, query: new URLSearchParams(query) }
}

/** The address of a page. */
export function to(page: string, id?: string, query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString()
  return `#/${page}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${text === '' ? '' : `?${text}`}`
}

/** The place now; the component is drawn again when it is another. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const onChange = () => setHash(location.hash)
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return placeOf(hash)
}
