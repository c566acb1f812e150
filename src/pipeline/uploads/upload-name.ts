import { printable } from '../../util/text-table.js'

const LENGTH_MAX = 200

/** A name as it is told: its last part, without what a terminal would obey. It never names a file. */
export function uploadName(given: string): string {
  const last = given.slice(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1)
  const name = [...printable(last.toWellFormed()).trim()].slice(0, LENGTH_MAX).join('')
  return name === '' ? 'upload' : name
}
