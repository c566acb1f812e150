import { defineReport } from '../../src/pipeline/reports/define-report.js'
import { computePart, type PartSums, type StorePart } from './store-uptime/compute-part.js'
import { latePolls, readMark } from './store-uptime/roll-up-state.js'
import { describedStores, inOrder, latestPoll, polledStores } from './store-uptime/store-ids.js'
import { uptimeModel } from './store-uptime/uptime-model.js'
import { cutsOf } from './store-uptime/windows.js'

/** Few enough that workers share evenly, many enough that each asks few questions. */
const STORES_OF_PART = 256

/** Up- and downtime of every store in the last hour, day and week; docs/store-uptime.md has the rules. */
export const storeUptime = defineReport({
  name: 'store-uptime',
  describe: 'up- and downtime of stores within business hours, in the last hour, day and week',
  options: {
    now: { type: 'instant', describe: 'the moment the windows end; the latest poll unless given' },
    weeks: {
      type: 'integer',
      min: 1,
      max: 520,
      describe: 'also tell of this many weeks, from roll-ups where there are',
    },
    source: {
      type: 'choice',
      choices: ['auto', 'polls', 'roll-ups'],
      default: 'auto',
      describe: 'whole days from polls or from roll-ups; auto takes roll-ups for more than one week',
    },
  },
  partitions: {
    async split({ cluster, options, signal }): Promise<readonly StorePart[]> {
      const polled = await polledStores(cluster, signal)
      const now = options.now?.getTime() ?? latestPoll(polled)
      if (now === undefined) return []
      const isLong = (options.weeks ?? 1) > 1
      const mayRoll = options.source === 'roll-ups' || (options.source === 'auto' && isLong)
      const mark = mayRoll ? await readMark(cluster) : undefined
      const late = mark === undefined ? new Set<string>() : new Set((await latePolls(cluster, mark)).keys())
      const all = inOrder(new Set([...polled.keys(), ...(await describedStores(cluster, signal))]))
      const cuts = cutsOf(now, options.weeks)
      return chunks(all, STORES_OF_PART).map((stores) => ({
        stores,
        cuts,
        rollUp: mark === undefined ? null : { toDay: mark.toDay, late: stores.filter((store) => late.has(store)) },
      }))
    },
    compute: ({ cluster, signal }, part: StorePart): Promise<PartSums> => computePart(cluster, part, signal),
  },
  async run({ options }, parts: readonly PartSums[]) {
    return uptimeModel({ now: parts[0]?.now ?? options.now?.getTime(), weeks: options.weeks, parts })
  },
})

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const found: Item[][] = []
  for (let at = 0; at < items.length; at += size) found.push(items.slice(at, at + size))
  return found
}
