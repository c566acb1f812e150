import { Transaction } from '../../entities/transaction.js'
import type { EntitySamples } from '../../src/cluster/entity-samples.js'
import { choiceFlaws, instantFlaws, moneyFlaws, textFlaws } from '../../src/pipeline/generate/field-flaws.js'
import * as quirk from '../../src/pipeline/generate/field-quirks.js'
import { amountOf, momentAt } from '../../src/pipeline/generate/sample-values.js'
import { pickBy } from '../../src/util/seeded-draw.js'

const CURRENCIES = ['USD', 'EUR', 'GBP', 'AUD'] as const
const STATUSES = ['PROCESSED', 'PENDING', 'FAILED', 'REFUNDED'] as const
const CHANNELS = ['web', 'mobile', 'pos', 'partner', 'phone'] as const

export const transactionSamples: EntitySamples = {
  entity: Transaction,
  fields: [
    {
      property: 'externalId',
      names: ['externalId', 'external_id', 'transaction_id', 'External ID'],
      value: ({ seed, index }) => `TXN-${seed}-${index + 1}`,
      flaws: textFlaws({ max: 100, isRequired: true }),
      quirks: [quirk.padded],
    },
    {
      property: 'amount',
      names: ['amount', 'Amount'],
      isNumber: true,
      value: ({ draw }) => amountOf(1 + (draw(1) % 5_000_000)),
      flaws: moneyFlaws({
        tooLow: ['0.00', '-100.00'],
        tooHigh: ['10000000000.00', '1e15'],
        isRequired: true,
      }),
      quirks: [quirk.padded, quirk.quoted, quirk.grouped, quirk.spaced, quirk.decimalComma],
    },
    {
      property: 'currency',
      names: ['currency', 'Currency'],
      value: ({ draw }) => pickBy(CURRENCIES, draw(2)),
      flaws: choiceFlaws(['JPY', 'TRY', 'XXX', 'EURO']),
      quirks: [quirk.padded, quirk.lowerCase, quirk.absent],
    },
    {
      property: 'status',
      names: ['status', 'Status'],
      value: ({ draw }) => pickBy(STATUSES, draw(3)),
      flaws: textFlaws({ max: 20 }),
      quirks: [quirk.padded, quirk.absent],
    },
    {
      property: 'sourceChannel',
      names: ['sourceChannel', 'source_channel', 'channel', 'Source Channel'],
      value: ({ draw }) => pickBy(CHANNELS, draw(4)),
      flaws: textFlaws({ max: 100, isRequired: true }),
      quirks: [quirk.padded, quirk.multiline],
    },
    {
      property: 'timestamp',
      names: ['timestamp', 'Timestamp'],
      value: (place) => momentAt(place, 5),
      flaws: instantFlaws({ isPast: true, hasZone: true }),
      quirks: [quirk.padded, quirk.absent, quirk.withoutZone, quirk.slashed, quirk.withOffset],
    },
  ],
}
