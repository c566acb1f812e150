import { Product } from '../../entities/product.js'
import type { EntitySamples } from '../../src/cluster/entity-samples.js'
import { instantFlaws, moneyFlaws, textFlaws } from '../../src/pipeline/generate/field-flaws.js'
import * as quirk from '../../src/pipeline/generate/field-quirks.js'
import { amountOf, momentAt } from '../../src/pipeline/generate/sample-values.js'
import { pickBy } from '../../src/util/seeded-draw.js'
import { KINDS, THINGS } from '../words.js'

/** Without ids: those are numbered by the database. The model in its name tells a product from all others. */
export const productSamples: EntitySamples = {
  entity: Product,
  fields: [
    {
      property: 'name',
      names: ['name', 'Name'],
      value: ({ seed, index, draw }) => `${pickBy(THINGS, draw(1))} ${pickBy(KINDS, draw(2))} ${seed}-${index + 1}`,
      flaws: textFlaws({ min: 2, max: 100, isRequired: true }),
      quirks: [quirk.padded, quirk.multiline],
    },
    {
      property: 'price',
      names: ['price', 'Price'],
      isNumber: true,
      value: ({ draw }) => amountOf(100 + (draw(3) % 2_000_000)),
      flaws: moneyFlaws({ tooLow: ['-1.00', '-0.01'], tooHigh: ['1000000.00', '1e9'], isRequired: true }),
      quirks: [quirk.padded, quirk.quoted, quirk.grouped, quirk.spaced, quirk.decimalComma, quirk.dollars],
    },
    {
      property: 'createdAt',
      value: (place) => momentAt(place, 4),
      flaws: instantFlaws(),
      quirks: [quirk.padded, quirk.absent, quirk.slashed, quirk.withOffset],
    },
  ],
}
