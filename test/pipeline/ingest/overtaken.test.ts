import type { Connection } from 'shardyard/src/drivers/driver'
import { ENGINES } from '../../helpers/engines'
import { freshDepot, type OpenDepot } from './depot'

const record = (code: string) => `{"code":"${code}","name":"Lamp","price":1}\n`

/** Has `meanwhile` happen once, right after a chunk has asked which hashes are stored. */
function afterHashes(depot: OpenDepot, meanwhile: () => Promise<unknown>): void {
  const { driver } = depot.cluster.member('north')
  const connect = driver.connect.bind(driver)
  let isOver = false
  const spy = jest.spyOn(driver, 'connect').mockImplementation(async (...given) => {
    const connection: Connection = await connect(...given)
    const query = connection.query.bind(connection)
    connection.query = async (sql, parameters) => {
      const rows = await query(sql, parameters)
      if (isOver || !sql.includes('shardyard_hashes')) return rows
      isOver = true
      spy.mockRestore()
      await meanwhile()
      return rows
    }
    return connection
  })
}

// SQLite has one writer at a time: nobody can come in between.
const SERVERS = ENGINES.filter(({ name }) => name !== 'sqlite')

test.each(SERVERS)(
  'on $name a record that another writer stores meanwhile is a duplicate, not a reject',
  async (engine) => {
    const depot = await freshDepot(engine, 'overtaken')
    await depot.ingest([await depot.write('first.ndjson', record('x'))])
    const other = await depot.write('other.ndjson', record('y'))
    const answers: unknown[] = []
    afterHashes(depot, async () => answers.push((await depot.ingest([other])).counts))
    const { counts } = await depot.ingest([await depot.write('own.ndjson', record('x') + record('y'))])
    expect(answers).toEqual([{ accepted: 1, rejected: 0, duplicate: 0, blank: 0, header: 0 }])
    expect(counts).toEqual({ accepted: 0, rejected: 0, duplicate: 2, blank: 0, header: 0 })
  },
)
