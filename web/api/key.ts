/** The key that requests are made with. It lives as long as the tab, and is never written into an address. */
const NAME = 'shardyard-key'

export function currentKey(): string {
  return sessionStorage.getItem(NAME) ?? ''
}

export function keepKey(key: string): void {
  if (key === '') sessionStorage.removeItem(NAME)
  else sessionStorage.setItem(NAME, key)
}

/** Headers that say who asks. */
export function keyHeaders(): Record<string, string> {
  const key = currentKey()
  return key === '' ? {} : { authorization: `Bearer ${key}` }
}
