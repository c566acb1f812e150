// How fast is the uptime of many stores told, beside loading each store's polls and hours by the ORM and looping?
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BusinessHours, RollupMark, Store, StoreDay, StoreRollup, StoreStatus } from '../dist/entities/index.js'
import { storeMigrations } from '../dist/entities/migrations/index.js'
import { Cluster, defineCluster, migrate, place } from '../dist/src/index.js'
import { inFolder, median } from './measure.mjs'
import { scalingHere } from './two-threads.mjs'
import { hoursOf, pollsOf, storeIds, zonesOf } from './store-polls.mjs'

const STORES = Number(process.env.BENCH_STORES ?? 4_559)
const POLLS = Number(process.env.BENCH_POLLS ?? 395)
const SAMPLE = Math.min(STORES, Number(process.env.BENCH_SAMPLE ?? 500))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const UNTIL = Date.parse('2024-10-14T23:55:30Z')
const path = (file) => fileURLToPath(new URL(file, import.meta.url))

async function load(folder) {
  const cluster = await Cluster.open(
    defineCluster({
      databases: { stores: `sqlite:${folder}/data/stores.db` },
      placement: [Store, BusinessHours, StoreStatus, StoreDay, StoreRollup, RollupMark].map((entity) =>
        place(entity, 'stores'),
      ),
      migrations: storeMigrations,
    }),
  )
  await migrate(cluster)
  const ids = storeIds(STORES)
  await cluster.load(Store, zonesOf(ids))
  await cluster.load(BusinessHours, hoursOf(ids))
  await cluster.load(StoreStatus, pollsOf(ids, { perStore: POLLS, until: UNTIL }))
  await cluster.close()
}

function run(folder, args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, args.map(String), { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

await inFolder(async (folder) => {
  await load(folder)
  const report = (workers, rounds = 3) =>
    run(folder, ['--require', path('peak-memory.cjs'), path('uptime-report.mjs'), workers, rounds])
  const plain = (now, which) => run(folder, [path('plain-store-uptime.mjs'), 'data/stores.db', now, SAMPLE, which])
  const [weeks, alls, scalings, ceilings] = [[], [], [], []]
  let first
  let peakMb = 0
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, as a machine may be busier at one time than at another.
    const own = report(0)
    first ??= own
    peakMb = Math.max(peakMb, Number(readFileSync(`${folder}/peak-memory`, 'utf8')))
    const ofAll = ({ cpuMs, stores }) => (cpuMs * STORES) / stores / own.cpuMs
    weeks.push(ofAll(plain(own.now, 'week')))
    alls.push(ofAll(plain(own.now, 'all')))
    report(2)
    peakMb = Math.max(peakMb, Number(readFileSync(`${folder}/peak-memory`, 'utf8')))
    // Each worker warms up by itself.
    const [one, two] = [report(1, 8), report(2, 8)]
    scalings.push(one.computeMs / two.computeMs)
    ceilings.push(await scalingHere())
  }
  const { stores, wallMs, cpuMs } = first
  console.log(
    `${stores} stores, ${STORES * POLLS} polls: ${wallMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of processor time`,
  )
  console.log(
    `processor time of a loop over entities of ${SAMPLE} stores, for all of them: ${median(alls).toFixed(1)} times` +
      ` with all polls, ${median(weeks).toFixed(1)} times with those of the week  (asked: >= 20)`,
  )
  console.log(
    `parts by 1 worker / by 2: ${median(scalings).toFixed(2)}, best ${Math.max(...scalings).toFixed(2)}  (asked: >= 1.6);` +
      ` two threads that share nothing: ${median(ceilings).toFixed(2)}`,
  )
  console.log(`peak memory ${peakMb} MB  (asked: <= 300)`)
})
