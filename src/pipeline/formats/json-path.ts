import { sourceUnreadable } from './source-unreadable.js'
import { meaningOf } from './text-encoding.js'

/** Where the records of a JSON document are. */
export interface JsonBody {
  /** The member of the outer object, `''` for an outer list, null when the document is one record. */
  readonly path: string | null
  /** Units before the first record. */
  readonly start: number
}

const BLANKS = /[ \t\r\n]*/y
/** What does not change the depth of a value. */
const FLAT = /[^"[\]{},]+/y
const LIST_OF_OBJECTS = /\[[ \t\r\n]*[{\]]/y

/**
 * Finds the list of records in the first characters of a JSON document: the document itself, or the member `wanted` of
 * the outer object, or without a wish its first member that is a list of objects.
 *
 * @throws SY_SOURCE_UNREADABLE when the document is no list and no object, or has no such member
 */
export function detectBody(text: string, encoding: string, wanted: string | undefined): JsonBody {
  const start = skip(BLANKS, text, 0)
  if (start === text.length) return { path: null, start }
  if (text[start] === '[') {
    if (wanted === undefined || wanted === '') return { path: '', start: start + 1 }
    throw sourceUnreadable(
      `The JSON document is a list and has no member ${JSON.stringify(wanted)}. Leave out the path.`,
      { details: { path: wanted } },
    )
  }
  if (text[start] !== '{') {
    throw sourceUnreadable(
      `The JSON document begins with neither [ nor { (byte ${start}). Give a list of objects, one object, or name the format.`,
      { details: { offset: start } },
    )
  }
  const found = findMember(text, start + 1, { encoding, wanted })
  if (found !== undefined) return found
  if (wanted === undefined) return { path: null, start: 0 }
  throw sourceUnreadable(
    `The JSON document has no list ${JSON.stringify(wanted)} among its first members. Look at the name, or put the list first.`,
    { details: { path: wanted } },
  )
}

function findMember(
  text: string,
  from: number,
  { encoding, wanted }: { readonly encoding: string; readonly wanted: string | undefined },
): JsonBody | undefined {
  let at = skip(BLANKS, text, from)
  while (text[at] === '"') {
    const keyEnd = skipString(text, at)
    const colon = skip(BLANKS, text, keyEnd)
    if (text[colon] !== ':') return undefined
    const key = keyOf(meaningOf(text.slice(at, keyEnd), encoding))
    const value = skip(BLANKS, text, colon + 1)
    const isHere = wanted === undefined ? skip(LIST_OF_OBJECTS, text, value) > value : key === wanted
    if (isHere && key !== undefined && text[value] === '[') return { path: key, start: value + 1 }
    const end = skipValue(text, value)
    if (text[end] !== ',') return undefined
    at = skip(BLANKS, text, end + 1)
  }
  return undefined
}

/** Where the value ends: at a comma or bracket that does not belong to it. */
function skipValue(text: string, from: number): number {
  let depth = 0
  let at = from
  while (at < text.length) {
    const code = text[at]
    if (depth === 0 && (code === ',' || code === '}' || code === ']')) return at
    if (code === '"') at = skipString(text, at)
    else if (code === '[' || code === '{' || code === ']' || code === '}') {
      depth += code === '[' || code === '{' ? 1 : -1
      at++
    } else at = Math.max(skip(FLAT, text, at), at + 1)
  }
  return at
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

/** Where the string that begins here ends. */
function skipString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function keyOf(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string
  } catch {
    return undefined
  }
}

/**
 * Whether what stands around the list is an object of which the list is a member.
 *
 * @throws SY_SOURCE_UNREADABLE when another member is a list of objects too and nobody said which one to read
 */
export function checkOuter(outer: string, path: string, options: { readonly isWanted: boolean }): boolean {
  const document = parseOuter(outer)
  if (document === undefined) return false
  const others = Object.keys(document).filter((key) => key !== path && isListOfObjects(document[key]))
  const own = document[path]
  if (!Array.isArray(own) || own.length > 0) {
    throw sourceUnreadable(`The JSON document has the member ${JSON.stringify(path)} twice. Rename one of them.`, {
      details: { path },
    })
  }
  if (others.length === 0 || options.isWanted) return true
  const names = [path, ...others].map((name) => JSON.stringify(name)).join(' and ')
  throw sourceUnreadable(
    `The JSON document has several lists of objects: ${names}. Say which one to read as the path.`,
    {
      details: { paths: [path, ...others] },
    },
  )
}

function parseOuter(outer: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(outer) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null && !Array.isArray(value[0])
}
