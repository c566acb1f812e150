import { definition } from 'shardyard/config'
import { nameOf } from 'shardyard/src/cluster/entity'
import type { SampleField, SamplePlace } from 'shardyard/src/cluster/entity-samples'
import { objectCheckOf } from 'shardyard/src/cluster/validation/check-object'
import { normaliserOf } from 'shardyard/src/pipeline/normalise/normaliser'
import { seededDraw } from 'shardyard/src/util/seeded-draw'

const CASES = definition.samples.flatMap(({ entity, fields }) =>
  fields.flatMap((field, at) =>
    field.quirks.map((quirk) => ({
      what: `${nameOf(entity)}.${field.property} ${quirk.name}`,
      entity: entity as unknown as new () => object,
      fields,
      at,
      quirk,
    })),
  ),
)
/** These change what is said, not only how. */
const OTHER_TEXT: ReadonlySet<string> = new Set(['absent', 'multiline'])

function placeOf(index: number): SamplePlace {
  return { seed: 3, index, draw: (salt) => seededDraw(3, index, salt) }
}

function reader(entity: new () => object, fields: readonly SampleField[]) {
  const names = fields.map(({ property }) => property)
  const read = normaliserOf(entity).forNames(names)
  const check = objectCheckOf(entity)
  return (given: readonly unknown[]) => {
    const { values, reasons } = read(given)
    check.normalise(values)
    const broken = check.reasons(Object.assign(Object.create(entity.prototype) as object, values)) as unknown[]
    return { values: { ...values }, problems: [...reasons, ...broken] }
  }
}

describe('a quirk', () => {
  test.each(CASES)('of $what is read as what was meant', ({ entity, fields, at, quirk }) => {
    const read = reader(entity, fields)
    for (let index = 0; index < 60; index++) {
      const sound = fields.map((field) => field.value(placeOf(index)))
      const odd = sound.map((value, one) => (one === at ? quirk(value) : value))
      const [expected, found] = [read(sound), read(odd)]
      expect([expected.problems, found.problems]).toEqual([[], []])
      if (!OTHER_TEXT.has(quirk.name)) expect(found.values).toEqual(expected.values)
    }
  })
})
