import type { Column, Row } from '../report-model.js'
import { cellJson } from './cell-text.js'

/** What writes the rows of a table as JSON objects, whose keys are the names of the columns. */
export function rowJson(columns: readonly Column[]): (row: Row) => string {
  const parts = columns.map(({ name, kind }, at) => ({ key: `${at === 0 ? '' : ','}${JSON.stringify(name)}:`, kind }))
  return (row) => {
    let text = '{'
    for (const [at, { key, kind }] of parts.entries()) text += key + cellJson(row[at] ?? null, kind)
    return `${text}}`
  }
}
