/**
 * How names of sources are compared. Only what people vary on purpose makes no difference: case, spaces, `_`, `-` and
 * the form of composed letters. A letter that merely looks alike, or a character that cannot be seen, never matches.
 */

/** Names repeat in every record; hostile ones must not fill the memory. */
const KEPT_MAX = 10_000
const LENGTH_MAX = 200
const kept = new Map<string, string>()
const ASCII = /^[\x20-\x7e]*$/

/** The spelling that names are compared by. */
export function nameKey(name: string): string {
  const known = kept.get(name)
  if (known !== undefined) return known
  if (name.length > LENGTH_MAX) return name
  const composed = name.normalize('NFC')
  // NFC turns a few signs (the Kelvin sign) into the letters that they look like.
  const isDisguised = ASCII.test(composed) && !ASCII.test(name)
  const key = isDisguised ? name : composed.replace(/[ _-]/g, '').toLowerCase()
  if (kept.size >= KEPT_MAX) kept.clear()
  kept.set(name, key)
  return key
}

/** Cyrillic and Greek letters, and the Latin ones they are taken for. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  ['аa', 'вb', 'сc', 'ԁd', 'еe', 'һh', 'іi', 'ıi', 'јj', 'кk', 'мm', 'нh', 'оo', 'рp', 'ԛq', 'ѕs', 'тt', 'уy', 'хx']
    .concat(['ѵv', 'ԝw', 'αa', 'βb', 'ιi', 'κk', 'νv', 'οo', 'ρp', 'τt', 'υu', 'χx', 'εe', 'ηn', 'μm', 'ζz'])
    .map((pair) => [pair.charAt(0), pair.charAt(1)]),
)

/** The key of the name that a reader would take this one for. */
export function seenKey(name: string): string {
  const visible = name.normalize('NFKC').replace(/[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}\p{Zs}]/gu, '')
  return nameKey([...visible.toLowerCase()].map((letter) => LOOKALIKES.get(letter) ?? letter).join(''))
}
