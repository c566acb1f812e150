import { nameOf, type PlacedEntity } from '../../cluster/entity.js'
import { referencesOf } from '../../columns/references.js'
import { ShardyardError } from '../../errors.js'

/** The entities in the order of their references: each wave refers only to earlier ones. */
export function wavesOf(entities: readonly PlacedEntity[]): PlacedEntity[][] {
  const waves: PlacedEntity[][] = []
  let left = [...entities]
  while (left.length > 0) {
    const wave = left.filter(
      (entity) => !targetsOf(entity).some((target) => target !== entity && left.includes(target)),
    )
    if (wave.length === 0) {
      throw new ShardyardError(
        'SY_DEFINITION_INVALID',
        `The references of ${left.map(nameOf).join(', ')} form a circle, so none of them can be loaded first.`,
      )
    }
    waves.push(wave)
    left = left.filter((entity) => !wave.includes(entity))
  }
  return waves
}

function targetsOf(entity: PlacedEntity): readonly PlacedEntity[] {
  return referencesOf(entity).map((reference) => reference.target())
}
