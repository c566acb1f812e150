/** What must fit together before an ingestion begins: its files, its map, and what the entity has. */
import type { Cluster } from '../../cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import type { EntityClass } from '../../columns/references.js'
import { ShardyardError } from '../../errors.js'
import { normaliserOf } from '../normalise/normaliser.js'
import type { ResolvedIngestOptions } from './ingest-options.js'
import type { OpenedFile } from './open-files.js'

/** A map that speaks of columns which no file has is a mistake. @throws SY_OPTION_INVALID */
export function requireMap(
  entity: PlacedEntity,
  files: readonly OpenedFile[],
  { map, zone }: ResolvedIngestOptions,
): void {
  const normaliser = normaliserOf(entity as EntityClass, { map, ...(zone === undefined ? {} : { zone }) })
  const headers = files.flatMap(({ shape }) => (shape.header === null ? [] : [shape.header]))
  // Records of JSON name their own values, each as it likes.
  if (headers.length === files.length) normaliser.plan([...new Set(headers.flat())])
}

/** Records can only be known by a key that they have. @throws SY_OPTION_INVALID */
export function requireKey(
  cluster: Cluster,
  entity: PlacedEntity,
  files: readonly OpenedFile[],
  { map }: ResolvedIngestOptions,
): void {
  const home = cluster.router.routeForWrite(entity).database
  const metadata = cluster.member(home).dataSource.getMetadata(entity as never)
  if (metadata.uniques.length > 0 || metadata.indices.some(({ isUnique }) => isUnique)) return
  const keys = metadata.primaryColumns.map(({ propertyName }) => propertyName)
  const normaliser = normaliserOf(entity as EntityClass, { map })
  const hasKey = ({ shape }: OpenedFile) =>
    shape.header === null || keys.every((key) => normaliser.pointers(shape.header ?? []).has(key))
  if (files.every(hasKey)) return
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `${nameOf(entity)} has no unique key by which a record could be known again. Choose dedupe raw or canonical.`,
    { details: { option: 'dedupe' } },
  )
}
