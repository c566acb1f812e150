import { Event } from '../../entities/event.js'
import type { EntitySamples } from '../../src/cluster/entity-samples.js'
import { instantFlaws, moneyFlaws, textFlaws } from '../../src/pipeline/generate/field-flaws.js'
import * as quirk from '../../src/pipeline/generate/field-quirks.js'
import { amountOf, momentAt } from '../../src/pipeline/generate/sample-values.js'
import { pickBy } from '../../src/util/seeded-draw.js'

const METRICS = ['click', 'page_view', 'sign_up', 'purchase', 'refund', 'search', 'api_call'] as const

/** No two have the same moment. */
export const eventSamples: EntitySamples = {
  entity: Event,
  fields: [
    {
      property: 'client',
      names: ['client', 'source', 'client_id', 'Client ID'],
      value: ({ draw }) => `client_${draw(1) % 500}`,
      flaws: textFlaws({ max: 100 }),
      quirks: [quirk.padded, quirk.absent, quirk.multiline],
    },
    {
      property: 'metric',
      names: ['metric', 'Metric'],
      value: ({ draw }) => pickBy(METRICS, draw(2)),
      flaws: textFlaws({ max: 100 }),
      quirks: [quirk.padded, quirk.absent],
    },
    {
      property: 'amount',
      names: ['amount', 'cost', 'value', 'price', 'amt', 'Amount'],
      isNumber: true,
      // One in eight is a refund.
      value: ({ draw }) => `${draw(3) % 8 === 0 ? '-' : ''}${amountOf(draw(4) % 1_000_000)}`,
      flaws: moneyFlaws({ tooLow: ['-10000000000.00', '-1e12'], tooHigh: ['10000000000.00', '1e15'] }),
      quirks: [
        quirk.padded,
        quirk.quoted,
        quirk.grouped,
        quirk.spaced,
        quirk.decimalComma,
        quirk.parenthesised,
        quirk.dollars,
        quirk.absent,
      ],
    },
    {
      property: 'timestamp',
      names: ['timestamp', 'date', 'ts', 'Timestamp'],
      value: (place) => momentAt(place, 5),
      flaws: instantFlaws({ isRequired: true, hasZone: true }),
      quirks: [
        quirk.padded,
        quirk.withoutZone,
        quirk.slashed,
        quirk.withOffset,
        quirk.epochSeconds,
        quirk.epochMilliseconds,
      ],
    },
  ],
}
