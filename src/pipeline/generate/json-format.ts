import type { SampleField } from '../../cluster/entity-samples.js'
import { BROKEN_BYTES, type FormatFlaw, type SampleFormat, type SampleRecord } from './sample-record.js'

/** Deeper than any reader should go. */
const DEPTH = 200
/** 2^53 + 1, the first whole number that a double cannot hold. */
const UNSAFE = '9007199254740993'

/** Records of a JSON file, each on a line of its own: the elements of one list, or the values of NDJSON. */
export function jsonFormat(
  names: readonly string[],
  fields: readonly SampleField[],
  { isList }: { readonly isList: boolean },
): SampleFormat {
  const keys = names.map((name) => `${JSON.stringify(name)}:`)
  const isBare = fields.map(({ isNumber }) => isNumber === true)
  const members = ({ values, oddField }: SampleRecord) => {
    let text = ''
    for (let at = 0; at < values.length; at++) {
      const value = values[at]
      if (value === undefined) continue
      const literal = isBare[at] === true && at !== oddField ? String(value) : JSON.stringify(value)
      text += `${text === '' ? '' : ','}${keys[at] ?? ''}${literal}`
    }
    return text
  }
  return {
    head: isList ? '[\n' : '',
    tail: isList ? ']\n' : '',
    separator: isList ? ',\n' : '\n',
    lastEnd: '\n',
    hasHeader: false,
    // In a list they would be nothing but space between two elements.
    blanks: isList ? [] : ['', '   '],
    flaws: flawsFor(members, keys[0] ?? ''),
    canHold: () => true,
    write: (record) => `{${members(record)}}`,
  }
}

/** No bracket and no quote is left open: what is wrong costs one element of a list, not the rest of it. */
function flawsFor(members: (record: SampleRecord) => string, key: string): readonly FormatFlaw[] {
  const wrong = [
    (text: string) => `{${text},}`,
    (text: string) => `{${text},"note" "x"}`,
    (text: string) => `{${text},"note":NaN}`,
    (text: string) => `{${text},'note':1}`,
  ] as const
  const noObject = [(text: string) => `[{${text}}]`, () => '"x"', () => '42', () => 'null'] as const
  const withMember = (code: string, member: string): FormatFlaw => ({
    code,
    write: (record) => `{${members(record)},${member}}`,
  })
  return [
    { code: 'INVALID_JSON', write: (record, draw) => (wrong[draw % wrong.length] ?? wrong[0])(members(record)) },
    withMember('DUPLICATE_KEY', `${key}"x"`),
    withMember('UNSAFE_INTEGER', `"sequence":${UNSAFE}`),
    withMember('FORBIDDEN_KEY', '"__proto__":{"isAdmin":true}'),
    withMember('TOO_DEEP', `"note":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`),
    {
      code: 'NOT_AN_OBJECT',
      write: (record, draw) => (noObject[draw % noObject.length] ?? noObject[0])(members(record)),
    },
    withMember('INVALID_ENCODING', `"note":"${BROKEN_BYTES}"`),
  ]
}
