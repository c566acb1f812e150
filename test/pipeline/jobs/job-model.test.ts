import { playHistories } from './job-model'
import { QUEUES } from './queues'

test('any history of jobs is as the table of states says, whatever late workers do (invariants 1 and 3)', async () => {
  const home = await (QUEUES[0] as NonNullable<(typeof QUEUES)[0]>).makeHome('model')
  await playHistories(home, 12)
  await home.close()
})
