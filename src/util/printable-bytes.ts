/** Bytes and texts as a person can look at them: what has no shape of its own is written as an escape. */
import { isUtf8 } from 'node:buffer'

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
// Controls, line separators, and marks that turn the direction of the text around them.
// oxlint-disable-next-line no-control-regex -- these are what is escaped
const SHAPELESS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
const UTF8_BYTES_MAX = 4

/** The text with escapes (`\n`, `\x07`, `\u202e`) for what has no shape; at most `max` characters, then an ellipsis. */
export function printableText(text: string, max = Number.POSITIVE_INFINITY): string {
  return cut(text, max).replace(SHAPELESS, escaped)
}

/**
 * Bytes that were read as `text`; those that are no UTF-8, where the text has U+FFFD, are told one by one: `\xe9`.
 * Only as many bytes are looked at as may be shown.
 */
export function printableBytes(bytes: Buffer, text: string, max: number): string {
  const isBroken = text.includes('\ufffd') && text === new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  if (!isBroken) return printableText(text, max)
  const parts: string[] = []
  for (let at = 0; at < bytes.length; ) {
    if (parts.length >= max) return `${parts.join('')}…`
    const length = characterLength(bytes, at)
    parts.push(length === 0 ? hex(bytes[at] ?? 0) : printableText(bytes.toString('utf8', at, at + length)))
    at += Math.max(1, length)
  }
  return parts.join('')
}

/** Bytes of the character that begins here; 0 when none does. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= UTF8_BYTES_MAX && at + length <= bytes.length; length++)
    if (isUtf8(bytes.subarray(at, at + length))) return length
  return 0
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const characters = Array.from(text.slice(0, 2 * max + 1))
  return characters.length <= max ? text : `${characters.slice(0, max).join('')}…`
}

function escaped(character: string): string {
  const code = character.charCodeAt(0)
  return NAMED[character] ?? (code < 0x100 ? hex(code) : `\\u${code.toString(16)}`)
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
