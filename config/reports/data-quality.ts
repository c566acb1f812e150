/** How good the data is: of each placed entity and column how much is there, and which rows break rules. */
import type { Cluster } from '../../src/cluster/cluster.js'
import { nameOf, type PlacedEntity } from '../../src/cluster/entity.js'
import { columnProfile, columnsOf, type ColumnProfile } from '../../src/cluster/read/column-profile.js'
import { ShardyardError } from '../../src/errors.js'
import { defineReport } from '../../src/pipeline/reports/define-report.js'
import { ruleBreaks, type RuleBreaks } from '../../src/pipeline/reports/quality/rule-breaks.js'
import { qualityModel } from './quality/quality-model.js'

export const dataQuality = defineReport({
  name: 'data-quality',
  describe: 'each entity and column: filled, distinct, range, and rows that break rules',
  options: {
    entity: { type: 'string', describe: 'only this entity' },
    rows: {
      type: 'integer',
      describe: 'check rules on the first rows of each entity; on all when it is not given',
      min: 1,
    },
    samples: { type: 'integer', describe: 'rows that are named for each broken rule', default: 3, min: 0, max: 100 },
    values: { type: 'boolean', describe: 'show the values that break rules, not their shape', default: false },
  },
  async run({ cluster, options, signal }) {
    const entities: CheckedEntity[] = []
    for (const entity of wantedEntities(cluster, options.entity)) {
      const columns: ColumnProfile[] = []
      for (const property of columnsOf(cluster, entity)) {
        signal.throwIfAborted()
        columns.push(await columnProfile(cluster, entity, property))
      }
      const { rows: rowsMax, samples } = options
      const breaks = await ruleBreaks(cluster, entity, { samples, signal, ...(rowsMax !== undefined && { rowsMax }) })
      const { database } = cluster.router.routeForRead(entity)
      entities.push({ name: nameOf(entity), database, columns, breaks })
    }
    return qualityModel(entities, { rowsMax: options.rows, showsValues: options.values })
  },
})

/** What was found of an entity. */
export interface CheckedEntity {
  readonly name: string
  readonly database: string
  readonly columns: readonly ColumnProfile[]
  readonly breaks: RuleBreaks
}

function wantedEntities(cluster: Cluster, name: string | undefined): readonly PlacedEntity[] {
  const placed = cluster.definition.placement.map(({ entity }) => entity)
  if (name === undefined) return placed
  const wanted = placed.filter((entity) => nameOf(entity) === name)
  if (wanted.length > 0) return wanted
  throw new ShardyardError(
    'SY_ENTITY_UNKNOWN',
    `No entity "${name}" is placed. There are ${placed.map(nameOf).join(', ')}.`,
    { details: { entity: name } },
  )
}
