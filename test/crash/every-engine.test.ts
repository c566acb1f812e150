/** The tests that an ordinary run holds on SQLite and one server, on every engine. */
process.env['SHARDYARD_TEST_ENGINES'] = 'all'

describe.each([
  'commands/data-file',
  'commands/dying-threads',
  'commands/generate-pdf-report',
  'commands/generated',
  'commands/ingest',
  'commands/killed-command',
  'config/reports/transaction-list',
  'pipeline/ingest/record-outlook',
  'pipeline/ingest/redrive',
  'pipeline/ingest/trace',
  'pipeline/maintenance/admin-commands',
])('%s', (file) => {
  require(`../${file}.test`)
})
