// Writes moments into a database and reads back what is there, in the time zone of this process: URL [ write | read ].
const { join } = require('node:path')
const { Entity, PrimaryColumn } = require('typeorm')
const { Cluster, defineCluster, place, Instant, CreatedAt } = require(join(process.env.DIST, 'src/index.js'))

function Moment() {}
PrimaryColumn({ type: 'integer' })(Moment.prototype, 'id')
Instant()(Moment.prototype, 'at')
CreatedAt()(Moment.prototype, 'createdAt')
Entity('moments')(Moment)

// The hour that New York has twice, the one it leaves out, a summer and a winter with milliseconds.
const MOMENTS = [
  '2026-11-01T05:30:00.000Z',
  '2026-11-01T06:30:00.000Z',
  '2026-03-08T07:15:00.250Z',
  '2026-07-01T00:00:00.001Z',
  '1969-12-31T23:59:59.999Z',
]

async function main([url, mode]) {
  const cluster = await Cluster.open(defineCluster({ databases: { main: url }, placement: [place(Moment, 'main')] }))
  const moments = cluster.repository(Moment)
  if (mode === 'write') {
    await cluster.connect('main')
    await cluster.database('main').synchronize()
    await moments.insert(MOMENTS.map((at, id) => ({ id, at: new Date(at) })))
  }
  const rows = await moments.find({ order: { id: 'ASC' } })
  const found = await Promise.all(MOMENTS.map((at) => moments.findOneBy({ at: new Date(at) })))
  process.send({
    offset: new Date('2026-07-01').getTimezoneOffset(),
    moments: rows.map(({ at }) => at.toISOString()),
    found: found.map((row) => row?.id),
    agesMs: rows.map(({ createdAt }) => Math.abs(Date.now() - createdAt.getTime())),
  })
  await cluster.close()
  process.disconnect()
}

void main(process.argv.slice(2))
