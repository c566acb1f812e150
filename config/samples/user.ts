import { User } from '../../entities/user.js'
import type { EntitySamples } from '../../src/cluster/entity-samples.js'
import { emailFlaws, instantFlaws, textFlaws } from '../../src/pipeline/generate/field-flaws.js'
import * as quirk from '../../src/pipeline/generate/field-quirks.js'
import { momentAt } from '../../src/pipeline/generate/sample-values.js'
import { pickBy } from '../../src/util/seeded-draw.js'
import { FIRST, LAST } from '../words.js'

/** Without ids: those are numbered by the database. */
export const userSamples: EntitySamples = {
  entity: User,
  fields: [
    {
      property: 'name',
      names: ['name', 'Name'],
      value: ({ draw }) => `${pickBy(FIRST, draw(1))} ${pickBy(LAST, draw(2))}`,
      flaws: textFlaws({ min: 2, max: 100, isRequired: true }),
      quirks: [quirk.padded, quirk.multiline],
    },
    {
      property: 'email',
      names: ['email', 'Email', 'e-mail'],
      value: ({ seed, index }) => `user.${seed}.${index + 1}@example.com`,
      flaws: emailFlaws(),
      quirks: [quirk.padded, quirk.upperCase],
    },
    {
      property: 'createdAt',
      value: (place) => momentAt(place, 3),
      flaws: instantFlaws(),
      quirks: [quirk.padded, quirk.absent, quirk.slashed, quirk.withOffset],
    },
  ],
}
