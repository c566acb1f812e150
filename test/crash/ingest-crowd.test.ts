/** What takes too long for the suite that runs each time: each of the 64 threads has to load the library. */
import { ENGINES } from '../helpers/engines'
import { requireOneRowEach } from '../pipeline/ingest/overlapping-files'

test.each(ENGINES)(
  '64 threads in two processes store each record of two files once on $name',
  async (engine) => {
    await requireOneRowEach(engine, 32)
  },
  180_000,
)
