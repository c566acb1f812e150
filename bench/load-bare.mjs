// The fastest bare way of filling the table of products on each engine, without any library above the client.
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { once } from 'node:events'

const require = createRequire(import.meta.url)
const SQLITE_ROWS = 128
const MYSQL_ROWS = 2_000
const COPY_CHARACTERS = 64 * 1024

/** For each engine: makes an empty database, fills its table in one transaction, removes it. */
export const BARE = {
  SQLite: (_server, folder) => sqlite(`${folder}/load.db`),
  PostgreSQL: postgres,
  MariaDB: mysql,
}

function sqlite(file) {
  const Database = require('better-sqlite3')
  return {
    create: async () => `sqlite:${file}`,
    // The settings of a load: on disk when it has returned.
    async fill(rows) {
      const db = new Database(file)
      for (const setting of ['journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON']) db.pragma(setting)
      const insert = (count) =>
        db.prepare(`INSERT INTO products (name, price) VALUES ${Array(count).fill('(?, ?)').join(', ')}`)
      const many = insert(SQLITE_ROWS)
      const one = insert(1)
      db.exec('BEGIN IMMEDIATE')
      let from = 0
      for (; from + SQLITE_ROWS <= rows.length; from += SQLITE_ROWS) {
        const values = []
        for (let at = from; at < from + SQLITE_ROWS; at++) values.push(rows[at].name, rows[at].price)
        many.run(values)
      }
      for (; from < rows.length; from++) one.run(rows[from].name, rows[from].price)
      db.exec('COMMIT')
      db.pragma('wal_checkpoint(PASSIVE)')
      db.close()
    },
    remove: async () => undefined,
  }
}

function postgres(server) {
  const { Client } = require('pg')
  const name = databaseName()
  const on = async (url, work) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }
  const url = pathOf(server, name)
  return {
    async create() {
      await on(server, (client) => client.query(`CREATE DATABASE "${name}"`))
      return url
    },
    fill: (rows) =>
      on(url, async (client) => {
        await client.query('BEGIN')
        await copy(client, 'COPY products (name, price) FROM STDIN', rows)
        await client.query('COMMIT')
      }),
    remove: () => on(server, (client) => client.query(`DROP DATABASE "${name}" WITH (FORCE)`)),
  }
}

/** One COPY of all rows, as fast as the socket takes them. */
function copy(client, sql, rows) {
  return new Promise((resolve, reject) => {
    client.query({
      submit: (wire) => wire.query(sql),
      async handleCopyInResponse(wire) {
        let text = ''
        for (const { name, price } of rows) {
          text += `${name}\t${price}\n`
          if (text.length < COPY_CHARACTERS) continue
          wire.sendCopyFromChunk(Buffer.from(text))
          text = ''
          if (wire.stream.writableNeedDrain) await once(wire.stream, 'drain')
        }
        if (text !== '') wire.sendCopyFromChunk(Buffer.from(text))
        wire.endCopyFrom()
      },
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    })
  })
}

function mysql(server) {
  const { createConnection } = require('mysql2/promise')
  const name = databaseName()
  const on = async (url, work) => {
    const connection = await createConnection(url)
    try {
      return await work(connection)
    } finally {
      await connection.end()
    }
  }
  const url = pathOf(server, name)
  return {
    async create() {
      await on(server, (connection) => connection.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`))
      return url
    },
    fill: (rows) =>
      on(url, async (connection) => {
        await connection.query('START TRANSACTION')
        for (let from = 0; from < rows.length; from += MYSQL_ROWS) {
          const chunk = rows.slice(from, from + MYSQL_ROWS).map((row) => [row.name, row.price])
          await connection.query('INSERT INTO products (name, price) VALUES ?', [chunk])
        }
        await connection.query('COMMIT')
      }),
    remove: () => on(server, (connection) => connection.query(`DROP DATABASE \`${name}\``)),
  }
}

function databaseName() {
  return `shardyard_bench_${randomBytes(6).toString('hex')}`
}

function pathOf(server, name) {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
