// Holds the write lock of an SQLite file for some time: FILE MILLISECONDS. Says "locked" when it has it.
const Database = require('better-sqlite3')
const [file, ms] = process.argv.slice(2)
const database = new Database(file)
database.exec('BEGIN IMMEDIATE')
process.send('locked')
setTimeout(() => {
  database.exec('COMMIT')
  process.disconnect()
}, Number(ms))
