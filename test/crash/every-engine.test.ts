/** The tests that an ordinary run holds on SQLite and one server, on every engine. */
process.env['SHARDYARD_TEST_ENGINES'] = 'all'

describe.each([
  'commands/data-file',
  'commands/database-down',
  'commands/database-frozen',
  'commands/dying-threads',
  'commands/generate-pdf-report',
  'commands/generated',
  'commands/ingest',
  'commands/killed-command',
  'commands/sample',
  'config/reports/transaction-list',
  'entities/records',
  'pipeline/ingest/account',
  'pipeline/ingest/fault-points',
  'pipeline/ingest/faults',
  'pipeline/ingest/killed',
  'pipeline/ingest/places',
  'pipeline/ingest/record-outlook',
  'pipeline/ingest/redrive',
  'pipeline/ingest/same-again',
  'pipeline/ingest/side-by-side',
  'pipeline/ingest/stopped',
  'pipeline/ingest/trace',
  'pipeline/ingest/turns',
  'pipeline/maintenance/admin-commands',
])('%s', (file) => {
  require(`../${file}.test`)
})
