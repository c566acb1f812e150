import { Metric } from '../../entities/metric.js'
import type { EntitySamples } from '../../src/cluster/entity-samples.js'
import { decimalNumberFlaws, instantFlaws, textFlaws } from '../../src/pipeline/generate/field-flaws.js'
import * as quirk from '../../src/pipeline/generate/field-quirks.js'
import { amountOf, momentAt } from '../../src/pipeline/generate/sample-values.js'
import { pickBy } from '../../src/util/seeded-draw.js'

const NAMES = ['cpu_usage', 'memory_mb', 'disk_io', 'temperature', 'latency_ms', 'queue_length'] as const

/** No two have the same moment. */
export const metricSamples: EntitySamples = {
  entity: Metric,
  fields: [
    {
      property: 'source',
      names: ['source', 'Source'],
      value: ({ draw }) => `sensor-${draw(1) % 200}`,
      flaws: textFlaws({ max: 50, isRequired: true }),
      quirks: [quirk.padded, quirk.multiline],
    },
    {
      property: 'name',
      names: ['name', 'metric_name', 'metric'],
      value: ({ draw }) => pickBy(NAMES, draw(2)),
      flaws: textFlaws({ max: 100, isRequired: true }),
      quirks: [quirk.padded],
    },
    {
      property: 'value',
      names: ['value', 'metric_value'],
      isNumber: true,
      value: ({ draw }) => amountOf(draw(3) % 500_000),
      flaws: decimalNumberFlaws(),
      quirks: [quirk.padded, quirk.quoted, quirk.grouped, quirk.spaced, quirk.decimalComma],
    },
    {
      property: 'recordedAt',
      names: ['recordedAt', 'recorded_at', 'created_at', 'timestamp'],
      value: (place) => momentAt(place, 4),
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
