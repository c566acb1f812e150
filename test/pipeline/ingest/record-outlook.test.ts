import { RecordIntake } from 'shardyard'
import { recordOutlook } from 'shardyard/src/pipeline/ingest/record-outlook'
import { sqliteAnd } from '../../helpers/engines'
import { freshDepot } from './depot'

describe.each(sqliteAnd('mysql'))('the outlook of a record on $name', (engine) => {
  test('is what an intake would make of it, and nothing is stored', async () => {
    const { cluster, ask } = await freshDepot(engine, 'outlook')
    const options = { into: 'Item' }
    const text = JSON.stringify({ code: 'k1', name: 'Lamp', price: '1.00' })
    expect(await recordOutlook(cluster, text, options)).toEqual({ outcome: 'accepted' })
    expect(await ask('north', 'SELECT code FROM items')).toEqual([])
    const intake = await RecordIntake.open(cluster, options)
    await intake.take([text])
    await intake.close()
    expect(await recordOutlook(cluster, text, options)).toEqual({ outcome: 'duplicate' })
    expect(await recordOutlook(cluster, '{"code":"k2","name":"x","price":-1}', options)).toMatchObject({
      outcome: 'rejected',
      reasons: [{ code: 'TOO_SHORT' }, { code: 'TOO_LOW', pointer: '/price' }],
    })
    for (const none of ['', 'no JSON', '[]'])
      expect(await recordOutlook(cluster, none, options)).toMatchObject({ outcome: 'rejected' })
  })
})
