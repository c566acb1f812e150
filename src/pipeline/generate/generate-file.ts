import type { ClusterDefinition } from '../../cluster/definition.js'
import { nameOf } from '../../cluster/entity.js'
import type { EntitySamples } from '../../cluster/entity-samples.js'
import { ShardyardError } from '../../errors.js'
import { WholeFile } from '../../util/whole-file.js'
import { SampleFile, type SampleAccount } from './sample-file.js'
import type { SampleFileOptions } from './sample-options.js'

/** Options of {@link generateFile}; its signal leaves no file behind. */
export interface GenerateFileOptions extends SampleFileOptions {
  readonly signal?: AbortSignal
}

/**
 * Writes a data file of an entity, with a share of every kind of error, and tells what is in it. It is made beside
 * `file` under a temporary name and then put in its place: when anything fails, what was there before is still there.
 *
 * @throws SY_OPTION_INVALID when an option has a value outside its range; SY_OUTPUT_FAILED
 * @example
 * await generateFile(samplesOf(definition, 'Event'), 'events.csv', { count: 10_000, invalid: 0.02 })
 */
export async function generateFile(
  samples: EntitySamples,
  file: string,
  options: GenerateFileOptions = {},
): Promise<SampleAccount> {
  const { signal, ...rest } = options
  const sample = new SampleFile(samples, rest)
  signal?.throwIfAborted()
  const output = await WholeFile.open(file)
  try {
    for (const block of sample.blocks()) {
      output.take(block)
      await output.flush()
      signal?.throwIfAborted()
    }
    await output.commit()
    return sample.account()
  } catch (error) {
    await output.discard()
    throw error
  }
}

/**
 * The samples of an entity by its name.
 *
 * @throws SY_OPTION_INVALID when the definition has none
 */
export function samplesOf({ samples }: ClusterDefinition, name: string): EntitySamples {
  const found = samples.find(({ entity }) => nameOf(entity) === name)
  if (found !== undefined) return found
  const known = samples.map(({ entity }) => nameOf(entity)).join(', ')
  const mend = known === '' ? 'It has no "samples" at all.' : `There are samples of ${known}.`
  throw new ShardyardError('SY_OPTION_INVALID', `The definition has no samples of ${JSON.stringify(name)}. ${mend}`, {
    details: { option: 'entity', entity: name },
  })
}
