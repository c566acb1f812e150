/** Finds the value that a statement gives a column, for a message. Reads the SQL that TypeORM writes; guesses nothing. */

/** The parameter or literal for `column`; undefined when there are several rows, or an expression. */
export function valueInStatement(sql: string, parameters: readonly unknown[] | undefined, column: string): unknown {
  if (parameters === undefined) return undefined
  const insert = /^\s*(?:INSERT|REPLACE)\b[^(]*\(([^)]*)\)\s*VALUES\s*/i.exec(sql)
  const token =
    insert?.[1] === undefined
      ? assignedToken(sql, column)
      : insertedToken(insert[1], sql.slice(insert[0].length), column)
  if (token === undefined) return undefined
  if (/^-?\d+(\.\d+)?$/.test(token.text)) return token.text
  if (/^\$\d+$/.test(token.text)) return parameters[Number(token.text.slice(1)) - 1]
  return token.text === '?' ? parameters[token.marksBefore] : undefined
}

interface Token {
  readonly text: string
  /** How many `?` stand before it. */
  readonly marksBefore: number
}

function insertedToken(columns: string, values: string, column: string): Token | undefined {
  const index = columns.split(',').findIndex((name) => name.trim().replace(/^["`]|["`]$/g, '') === column)
  const { tokens, rest } = firstRow(values)
  const isSingleRow = !rest.trimStart().startsWith(',')
  const text = tokens[index]?.trim()
  if (text === undefined || !isSingleRow) return undefined
  return { text, marksBefore: countMarks(tokens.slice(0, index).join(',')) }
}

/** The values of the first `( … )`, split at its own commas. */
function firstRow(values: string): { tokens: string[]; rest: string } {
  const tokens = ['']
  let depth = 0
  let quote = ''
  for (let at = 0; at < values.length; at++) {
    const character = values.charAt(at)
    if (quote !== '') quote = character === quote ? '' : quote
    else if (character === "'" || character === '"' || character === '`') quote = character
    else if (character === '(' && ++depth === 1) continue
    else if (character === ')' && --depth === 0) return { tokens, rest: values.slice(at + 1) }
    else if (character === ',' && depth === 1) {
      tokens.push('')
      continue
    }
    tokens.push((tokens.pop() ?? '') + character)
  }
  return { tokens, rest: '' }
}

function assignedToken(sql: string, column: string): Token | undefined {
  const name = column.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const set = new RegExp(`["\`]${name}["\`]\\s*=\\s*(\\?|\\$\\d+)\\s*(?:,|WHERE|$)`, 'i').exec(sql)
  return set?.[1] === undefined ? undefined : { text: set[1], marksBefore: countMarks(sql.slice(0, set.index)) }
}

function countMarks(sql: string): number {
  return sql.split('?').length - 1
}
