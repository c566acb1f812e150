/** A look at what an ingestion would do: nothing is written. */
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { referencesOf, type EntityClass } from '../../columns/references.js'
import { ShardyardError } from '../../errors.js'
import { NO_CARE } from '../bulk/messages.js'
import type { SourceShape } from '../formats/source-shape.js'
import { migrationStatus } from '../maintenance/migration-status.js'
import { normaliserOf, type NamePlan } from '../normalise/normaliser.js'
import type { Change } from '../normalise/notes.js'
import type { Counts } from '../reports/run-account.js'
import { ChunkReader } from './chunk-reader.js'
import { readBytes } from './chunk-work.js'
import { databasesOf, entityIn } from './ingest.js'
import type { CodeCount } from './ingest-account.js'
import { resolveIngestOptions, type IngestOptions, type IngestSource } from './ingest-options.js'
import type { IngestReason } from './ingest-reason.js'
import { closeFiles, openFiles, type NamedSource, type OpenedFile } from './open-files.js'

/** What became of one file. */
export interface DryFile {
  readonly title: string
  readonly sizeBytes: number
  readonly records: number
  readonly shape: SourceShape
  /** Which column feeds which property; of JSON that of the first record. */
  readonly names: NamePlan | undefined
}

/** A record that would be refused; the first 20 are told. `line` is that of its first line, from 1. */
export interface DryReject {
  readonly file: string
  readonly line: number
  readonly reasons: readonly IngestReason[]
}

/** What an ingestion would do, as far as that can be told without writing. */
export interface DryRun {
  readonly entity: string
  readonly files: readonly DryFile[]
  /** Duplicates are those within the files: what is stored already is not asked. */
  readonly counts: Counts
  readonly reasons: readonly CodeCount[]
  readonly rejects: readonly DryReject[]
  /** How often each kind of change would be made, most frequent first. */
  readonly changes: readonly { readonly why: Change['why']; readonly field: string; readonly count: number }[]
}

const REJECTS_MAX = 20
/** Hashes that are remembered to find duplicates. */
const HASHES_MAX = 5_000_000

/**
 * Reads files, normalises and checks every record, looks references up, and tells what would become of them. Nothing is
 * written. Unique values, and duplicates of what is stored, are not looked for.
 *
 * @throws SY_OPTION_INVALID, SY_ENTITY_UNKNOWN, SY_SOURCE_UNREADABLE
 * @example
 * const { counts, reasons } = await dryRun(cluster, ['events.csv'], { into: Event })
 */
export async function dryRun(
  cluster: Cluster,
  sources: readonly IngestSource[],
  options: IngestOptions,
): Promise<DryRun> {
  return dryRunNamed(
    cluster,
    sources.map((source) => ({ source })),
    options,
  )
}

/** The same for sources of which more is known. */
export async function dryRunNamed(
  cluster: Cluster,
  sources: readonly NamedSource[],
  options: IngestOptions,
): Promise<DryRun> {
  const resolved = resolveIngestOptions(options)
  const entity = entityIn(cluster, resolved.into)
  await requireReferences(cluster, entity)
  const files = await openFiles(sources, resolved)
  try {
    const { dedupe, ledger, map, zone, chunkBytes } = resolved
    const plan = {
      scan: {},
      entity: nameOf(entity),
      dedupe,
      ledger,
      map,
      zone,
      chunkBytes,
      databases: databasesOf(cluster, entity),
    }
    const normaliser = normaliserOf(entity as EntityClass, { map, ...(zone === undefined ? {} : { zone }) })
    const look = new Look(new ChunkReader(cluster, entity, plan), dedupe !== 'key')
    const told: DryFile[] = []
    for (const file of files) {
      const { title, sizeBytes, records, shape } = file
      const first = await look.at(file, resolved)
      const names = shape.header ?? first
      told.push({ title, sizeBytes, records, shape, names: names === undefined ? undefined : normaliser.plan(names) })
    }
    return { entity: plan.entity, files: told, ...look.result() }
  } finally {
    await closeFiles(files)
  }
}

/** References are looked up, so the tables that they name must be there. */
async function requireReferences(cluster: Cluster, entity: PlacedEntity): Promise<void> {
  const databases = referencesOf(entity).map(({ target }) => cluster.router.routeForRead(target()).database)
  if (databases.length === 0) return
  const pending = (await migrationStatus(cluster, { databases })).find(({ state }) => state === 'pending')
  if (pending === undefined) return
  throw new ShardyardError(
    'SY_INPUT_INVALID',
    `The references of ${nameOf(entity)} are looked up in "${pending.database}", which is not migrated. Run "shardyard migrate" first.`,
    { details: { database: pending.database } },
  )
}

class Look {
  readonly #reader: ChunkReader
  readonly #isHashed: boolean
  readonly #seen = new Set<string>()
  readonly #counts = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
  readonly #reasons = new Map<string, number>()
  readonly #changes = new Map<string, number>()
  readonly #rejects: DryReject[] = []

  constructor(reader: ChunkReader, isHashed: boolean) {
    this.#reader = reader
    this.#isHashed = isHashed
  }

  /** Looks at all records of a file; answers the names of the first one. */
  async at(
    { chunks, shape, source, title }: OpenedFile,
    { signal, onEvent }: Pick<ReturnType<typeof resolveIngestOptions>, 'signal' | 'onEvent'>,
  ): Promise<readonly string[] | undefined> {
    let names: readonly string[] | undefined
    for (const chunk of chunks) {
      signal?.throwIfAborted()
      const bytes = await readBytes(source.handle.fd, chunk)
      const records = await this.#reader.read(bytes, chunk, { shape, care: NO_CARE, atWork: () => undefined })
      for (const record of records) {
        names ??= record.source.names.length > 0 ? record.source.names : undefined
        this.#note(record, title)
      }
      onEvent({ kind: 'progress', settled: this.#settled, rejected: this.#counts.rejected })
    }
    return names
  }

  result(): Pick<DryRun, 'counts' | 'reasons' | 'rejects' | 'changes'> {
    const split = (key: string) => {
      const [first = '', ...rest] = key.split(' ')
      return { first, field: rest.join(' ') }
    }
    const sorted = (counts: ReadonlyMap<string, number>) => [...counts].toSorted((a, b) => b[1] - a[1])
    return {
      counts: this.#counts,
      reasons: sorted(this.#reasons).map(([key, count]) => ({
        code: split(key).first,
        field: split(key).field,
        count,
      })),
      changes: sorted(this.#changes).map(([key, count]) => ({
        why: split(key).first as Change['why'],
        field: split(key).field,
        count,
      })),
      rejects: this.#rejects,
    }
  }

  get #settled(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0)
  }

  #note({ source, reasons, changes, hash }: Awaited<ReturnType<ChunkReader['read']>>[number], file: string): void {
    if (source.kind !== 'data') {
      this.#counts[source.kind] += 1
      return
    }
    for (const { why, field } of changes) addOne(this.#changes, `${why} ${field}`)
    if (reasons.length > 0) {
      this.#counts.rejected += 1
      for (const { code, field } of reasons) addOne(this.#reasons, `${code} ${field}`)
      if (this.#rejects.length < REJECTS_MAX) this.#rejects.push({ file, line: source.line, reasons })
      return
    }
    const key = hash?.join(' ') ?? ''
    if (this.#isHashed && this.#seen.has(key)) {
      this.#counts.duplicate += 1
      return
    }
    if (this.#isHashed && this.#seen.size < HASHES_MAX) this.#seen.add(key)
    this.#counts.accepted += 1
  }
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
