import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { serverUser } from './sandbox.mjs'

// Durability is off: the data of a test run is thrown away with its server. Never copy these settings.
const SETTINGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=300',
  'max_prepared_transactions=64',
].flatMap((setting) => ['-c', setting])

export const postgres = {
  title: 'PostgreSQL',
  variable: 'SHARDYARD_TEST_POSTGRES_URL',
  names: ['postgres'],
  folders: [
    '/usr/lib/postgresql/*/bin',
    '/usr/pgsql-*/bin',
    '/opt/homebrew/opt/postgresql@*/bin',
    '/usr/local/opt/postgresql@*/bin',
    '/Applications/Postgres.app/Contents/Versions/*/bin',
    'C:/Program Files/PostgreSQL/*/bin',
  ],
  packages: { apt: 'postgresql', brew: 'postgresql@16', winget: 'PostgreSQL.PostgreSQL.16' },
  image: 'postgres:16',

  async startBinary(path, sandbox) {
    const user = serverUser(['postgres', 'nobody'])
    const data = sandbox.folder('postgres', user)
    const setup = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
    await sandbox.run(join(dirname(path), 'initdb'), setup, { user })
    return sandbox.startServer({
      file: path,
      args: (port) => ['-D', data, '-h', '127.0.0.1', '-p', port, '-c', 'unix_socket_directories=', ...SETTINGS],
      user,
      signal: 'SIGQUIT',
      url: urlOf,
      probe,
    })
  },

  startContainer(sandbox) {
    const options = ['--env', 'POSTGRES_HOST_AUTH_METHOD=trust']
    return sandbox.startContainer({ image: this.image, port: 5432, options, args: SETTINGS, url: urlOf, probe })
  },

  probe,
}

function urlOf(port) {
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}

async function probe(url) {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  // A server that is still starting drops connections; the next try will tell.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query('SHOW server_version')
    return rows[0].server_version.split(' ')[0]
  } finally {
    await client.end()
  }
}
