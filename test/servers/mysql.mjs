import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import mysql2 from 'mysql2/promise'
import { serverUser } from './sandbox.mjs'

// Durability is off: the data of a test run is thrown away with its server. Never copy these settings.
const SETTINGS = [
  '--max-connections=300',
  '--character-set-server=utf8mb4',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
  '--innodb-fast-shutdown=2',
  '--skip-log-bin',
]

export const mysql = {
  title: 'MariaDB or MySQL',
  variable: 'SHARDYARD_TEST_MYSQL_URL',
  names: ['mariadbd', 'mysqld'],
  folders: [
    '/opt/homebrew/opt/mariadb/bin',
    '/usr/local/opt/mariadb/bin',
    'C:/Program Files/MariaDB */bin',
    'C:/Program Files/MySQL/MySQL Server */bin',
  ],
  packages: { apt: 'mariadb-server', brew: 'mariadb', winget: 'MariaDB.Server' },
  image: 'mariadb:11',

  async startBinary(path, sandbox) {
    const user = serverUser(['mysql', 'nobody'])
    const data = sandbox.folder('mysql', user)
    await createDataFolder({ path, data, user, sandbox })
    return sandbox.startServer({
      file: path,
      args: (port) => [
        '--no-defaults',
        `--datadir=${data}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(data, 'socket')}`,
        `--pid-file=${join(data, 'pid')}`,
        ...SETTINGS,
      ],
      user,
      signal: 'SIGTERM',
      url: urlOf,
      probe,
    })
  },

  startContainer(sandbox) {
    const options = ['--env', 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1']
    return sandbox.startContainer({ image: this.image, port: 3306, options, args: SETTINGS, url: urlOf, probe })
  },

  probe,
}

async function createDataFolder({ path, data, user, sandbox }) {
  const isMariaDb = execFileSync(path, ['--version'], { encoding: 'utf8' }).includes('MariaDB')
  if (!isMariaDb) return sandbox.run(path, ['--no-defaults', '--initialize-insecure', `--datadir=${data}`], { user })
  if (process.platform === 'win32') return sandbox.run(join(dirname(path), 'mariadb-install-db'), [`--datadir=${data}`])
  const args = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db']
  return sandbox.run(installer(path), args, { user })
}

/** Debian keeps the daemon in sbin and its installer in bin. */
function installer(path) {
  const folder = dirname(path)
  const places = [folder, join(folder, '../bin'), join(folder, '../scripts')]
  return (
    places.map((place) => join(place, 'mariadb-install-db')).find((file) => existsSync(file)) ?? 'mariadb-install-db'
  )
}

function urlOf(port) {
  return `mysql://root@127.0.0.1:${port}/mysql`
}

async function probe(url) {
  const connection = await mysql2.createConnection({ uri: url, connectTimeout: 5_000 })
  try {
    const [rows] = await connection.query('SELECT version() AS version')
    return rows[0].version
  } finally {
    await connection.end()
  }
}
