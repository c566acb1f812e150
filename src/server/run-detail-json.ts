/** A run with all that is told of it: its files, databases and reasons. */
import type { RunRow } from '../cluster/bookkeeping/run-row.js'
import type { Cluster } from '../cluster/cluster.js'
import { INGESTION } from '../pipeline/ingest/ingest.js'
import { ingestAccountOf } from '../pipeline/ingest/part-store.js'
import type { EntityAccount } from '../pipeline/reports/run-account.js'
import { accountOf } from '../pipeline/runs/account.js'
import { addCounts, noCounts } from '../pipeline/ingest/part-context.js'
import { groupBy } from '../util/group-by.js'
import type { AnswerCache } from './cache/answer-cache.js'
import { COUNTS } from './counts-schema.js'
import { RUN, runJson } from './run-json.js'
import { COUNT, MAYBE_TEXT } from './schemas.js'

const TEXT = { type: 'string' } as const
const FILE = {
  type: 'object',
  required: ['title', 'sha256', 'sizeBytes', 'records', 'counts'],
  properties: { title: TEXT, sha256: TEXT, sizeBytes: COUNT, records: COUNT, counts: COUNTS },
} as const
const DATABASE = {
  type: 'object',
  required: ['database', 'engine', 'counts'],
  properties: { database: TEXT, engine: { ...TEXT, description: 'engine and address' }, counts: COUNTS },
} as const
const REASON = {
  type: 'object',
  required: ['code', 'field', 'count'],
  properties: { code: TEXT, field: TEXT, count: COUNT },
} as const

const DETAILS = {
  dedupe: MAYBE_TEXT,
  ledger: MAYBE_TEXT,
  files: { type: 'array', items: FILE },
  databases: { type: 'array', items: DATABASE },
  reasons: { type: 'array', items: REASON },
} as const

export const RUN_DETAIL = {
  type: 'object',
  required: [...RUN.required, ...Object.keys(DETAILS)],
  properties: { ...RUN.properties, ...DETAILS },
} as const

/** @throws the error of a database that holds a part of the run and does not answer */
export async function runDetailJson(cluster: Cluster, run: RunRow, answers: AnswerCache) {
  const details = run.kind === INGESTION ? await ofIngestion(cluster, run) : await ofSimulation(cluster, run, answers)
  return { ...(await runJson(cluster, run)), ...details }
}

async function ofIngestion(cluster: Cluster, run: RunRow) {
  const { dedupe, ledger, files, databases, reasons } = await ingestAccountOf(cluster, run)
  return { dedupe, ledger, files, databases, reasons }
}

/** All lines of the run are read for it; told again as long as no database of it has changed. */
async function ofSimulation(cluster: Cluster, run: RunRow, answers: AnswerCache) {
  const reads = JSON.parse(run.readCounts) as { readonly database: string }[]
  const databases = [...new Set(reads.map(({ database }) => database))]
  const key = `run ${run.id} ${run.state} ${run.fence}`
  return answers.through(key, databases, async () => {
    const { entities } = await accountOf(cluster, run)
    return { dedupe: null, ledger: null, files: [], databases: byDatabase(entities), reasons: reasonsOf(entities) }
  })
}

function byDatabase(entities: readonly EntityAccount[]) {
  return [...groupBy(entities, ({ database }) => database)].map(([database, own]) => {
    const counts = noCounts()
    for (const entity of own) addCounts(counts, entity.counts)
    return { database, engine: own[0]?.engine ?? '', counts }
  })
}

function reasonsOf(entities: readonly EntityAccount[]) {
  const all = entities.flatMap(({ reasons }) => reasons)
  return [...groupBy(all, ({ code, field }) => `${code} ${field}`).values()]
    .map((some) => ({
      code: some[0]?.code ?? '',
      field: some[0]?.field ?? '',
      count: some.reduce((sum, { count }) => sum + count, 0),
    }))
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}
