import { existsSync } from 'node:fs'
import type { RunRow } from '../../cluster/bookkeeping/run-row.js'
import { ShardyardError } from '../../errors.js'
import { requireIngestion } from './ingest.js'
import type { IngestOptions } from './ingest-options.js'

/** The options of the run that is resumed. */
export type ResumeOptions = Omit<IngestOptions, 'into'> & { readonly into: string }

/**
 * What a call of {@link ingest} needs to go on with an unfinished run. The files are read again, and the run is found
 * by what is in them: one that was changed begins another run.
 *
 * @throws SY_RUN_UNKNOWN when the run is complete; SY_INPUT_INVALID when its files cannot be found again
 */
export async function resumable(
  run: RunRow,
): Promise<{ readonly sources: readonly string[]; readonly options: ResumeOptions }> {
  const { entity, dedupe, ledger, map, zone, chunkBytes, files, scan } = requireIngestion(run)
  if (run.state === 'complete') {
    throw new ShardyardError('SY_RUN_UNKNOWN', `Run ${run.id} is complete; there is nothing to resume.`, {
      details: { run: run.id },
    })
  }
  const gone = files.find(({ path }) => path === '' || !existsSync(path))
  if (gone !== undefined) {
    throw new ShardyardError(
      'SY_INPUT_INVALID',
      `Run ${run.id} has read "${gone.title}", which is not there${gone.path === '' ? ' as a file' : ''} any more. ` +
        'Give the same data to the same command again: it goes on with the run.',
      { details: { run: run.id, file: gone.title } },
    )
  }
  return {
    sources: files.map(({ path }) => path),
    options: {
      into: entity,
      dedupe,
      ledger,
      map,
      chunkBytes,
      ...(zone === undefined ? {} : { zone }),
      ...scan,
      resume: run.id,
    },
  }
}
