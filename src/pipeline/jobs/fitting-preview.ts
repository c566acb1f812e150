import type { DryRun } from '../ingest/dry-run.js'
import { plainJson } from './load-job.js'
import type { Json } from './job.js'

const BYTES_MAX = 60_000
const TEXT_MAX = 300
/** How many entries of each list are told, and how many rejects; the first that fits is taken. */
const LIMITS = [
  { entries: 500, rejects: 20 },
  { entries: 200, rejects: 10 },
  { entries: 60, rejects: 5 },
  { entries: 20, rejects: 2 },
] as const

/** As much of a dry run as a job can keep as its result: the counts are always whole, lists lose their ends. */
export function fittingPreview(dry: DryRun): Json {
  for (const { entries, rejects } of LIMITS) {
    const preview = plainJson(shortened({ ...dry, rejects: dry.rejects.slice(0, rejects) }, entries))
    if (Buffer.byteLength(JSON.stringify(preview)) <= BYTES_MAX) return preview
  }
  return plainJson({ ...dry, files: [], reasons: dry.reasons.slice(0, 20), rejects: [], changes: [] })
}

/** A value with long lists and texts cut. */
function shortened(value: unknown, entries: number): unknown {
  if (typeof value === 'string') return value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}…` : value
  if (Array.isArray(value)) return value.slice(0, entries).map((one) => shortened(one, entries))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shortened(one, entries)]))
}
