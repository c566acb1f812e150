import { open } from 'node:fs/promises'
import { getMetadataArgsStorage } from 'typeorm'
import { objectCheckOf } from 'shardyard/src/cluster/validation/check-object'
import type { EntitySamples } from 'shardyard/src/cluster/entity-samples'
import { readChunk } from 'shardyard/src/pipeline/formats/read-chunk'
import type { ScanOptions } from 'shardyard/src/pipeline/formats/scan-options'
import { scanSource } from 'shardyard/src/pipeline/formats/scan-source'
import type { SourceRecord } from 'shardyard/src/pipeline/formats/source-shape'
import { normaliserOf } from 'shardyard/src/pipeline/normalise/normaliser'

/** What a reader that knows nothing of the generator found in a file. */
export interface ReadBack {
  readonly format: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly counts: Record<'accepted' | 'rejected' | 'duplicate' | 'blank' | 'header', number>
  /** Records by their only reason: `TOO_HIGH amount`, `STRAY_QUOTE`; those with several have them all in their key. */
  readonly byKind: Readonly<Record<string, number>>
  readonly accepted: readonly Readonly<Record<string, unknown>>[]
  /** Codes of all that was changed in accepted records. */
  readonly changes: readonly string[]
  /** Values of unique columns that two accepted records share. */
  readonly shared: readonly unknown[]
}

type Judge = (record: SourceRecord) => {
  readonly values: Record<string, unknown>
  readonly kinds: readonly string[]
  readonly changes: readonly string[]
}

/** Reads a file as a load does, and counts what it finds. */
export async function readBack(file: string, { entity }: EntitySamples, options: ScanOptions = {}): Promise<ReadBack> {
  const handle = await open(file)
  try {
    const scan = await scanSource(handle, { chunkRecords: 700, ...options })
    const counts = { accepted: 0, rejected: 0, duplicate: 0, blank: 0, header: 0 }
    const [byKind, seen, changes] = [new Map<string, number>(), new Set<string>(), new Set<string>()]
    const accepted: Record<string, unknown>[] = []
    const judge = judgeOf(entity as never)
    for (const chunk of scan.chunks) {
      const bytes = Buffer.alloc(chunk.length)
      await handle.read(bytes, 0, chunk.length, chunk.offset)
      for (const record of readChunk(bytes, chunk, scan.shape)) {
        if (record.kind !== 'data') {
          counts[record.kind]++
          continue
        }
        const from = record.offset - chunk.offset
        const raw = bytes.toString('latin1', from, from + record.length)
        const { values, kinds, changes: changed } = judge(record)
        if (kinds.length > 0) {
          counts.rejected++
          byKind.set(kinds.join(' + '), (byKind.get(kinds.join(' + ')) ?? 0) + 1)
        } else if (seen.has(raw)) counts.duplicate++
        else {
          counts.accepted++
          seen.add(raw)
          accepted.push(values)
          for (const change of changed) changes.add(change)
        }
      }
    }
    const { shape, sha256, sizeBytes } = scan
    const shared = sharedValues(entity as never, accepted)
    const found = { format: shape.format, sha256, sizeBytes, counts, accepted, shared }
    return { ...found, byKind: Object.fromEntries(byKind), changes: [...changes].toSorted() }
  } finally {
    await handle.close()
  }
}

function judgeOf(entity: new () => object): Judge {
  const normaliser = normaliserOf(entity)
  const check = objectCheckOf(entity)
  return ({ names, values: given, reasons }) => {
    if (reasons.length > 0) return { values: {}, kinds: reasons.map(({ code }) => code), changes: [] }
    const { values, reasons: refused, changes } = normaliser.forNames(names)(given)
    check.normalise(values)
    if (refused.length === 0 && check.isSound(values) === true) {
      return { values: { ...values }, kinds: [], changes: changes.map(({ why }) => why) }
    }
    const broken = check.reasons(Object.assign(Object.create(entity.prototype) as object, values))
    if (!Array.isArray(broken)) throw new Error('The rules of this class are checked at once.')
    const fields = new Set(refused.map(({ field }) => field))
    const all = [...refused, ...broken.filter(({ field }) => !fields.has(field))]
    return {
      values: { ...values },
      kinds: all.map(({ code, field }) => `${code} ${field}`),
      changes: changes.map(({ why }) => why),
    }
  }
}

function sharedValues(entity: new () => object, records: readonly Readonly<Record<string, unknown>>[]): unknown[] {
  const indices = getMetadataArgsStorage().indices.filter(({ target, unique }) => target === entity && unique === true)
  return indices.flatMap(({ columns }) => {
    const [column] = columns as string[]
    const values = records.map((record) => record[column ?? ''])
    return values.filter((value, index) => values.indexOf(value) !== index)
  })
}
