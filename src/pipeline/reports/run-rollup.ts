import type { ClusterDefinition } from '../../cluster/definition.js'
import { isMissingTable } from '../../cluster/read/read-table.js'
import { ShardyardError } from '../../errors.js'
import type { Rollup, RollupContext, RollupResult } from './define-rollup.js'

/** The roll-ups of a definition, or the one of a name. @throws SY_OPTION_INVALID when there is none of that name */
export function findRollups({ rollups }: ClusterDefinition, name: string | undefined): readonly Rollup[] {
  const all = rollups as readonly Rollup[]
  if (name === undefined) return all
  const found = all.filter((rollup) => rollup.name === name)
  if (found.length > 0) return found
  const names = all.map((rollup) => rollup.name).join(', ')
  throw new ShardyardError(
    'SY_OPTION_INVALID',
    `There is no roll-up ${JSON.stringify(name)}. ${names === '' ? 'The config has none.' : `There are: ${names}.`}`,
    { details: { option: 'name' } },
  )
}

/** Runs a roll-up. @throws SY_SCHEMA_DRIFT when its tables are not there yet; what it throws itself */
export async function runRollup(rollup: Rollup, context: RollupContext): Promise<RollupResult> {
  try {
    return await rollup.run(context)
  } catch (cause) {
    if (!isMissingTable(cause)) throw cause
    throw new ShardyardError(
      'SY_SCHEMA_DRIFT',
      `The tables of the roll-up "${rollup.name}" are not there. Run "shardyard migrate" first.`,
      { cause, details: { rollup: rollup.name } },
    )
  }
}
