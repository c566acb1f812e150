// What a user would write without us: csv-parse, class-validator, repository.save in chunks of 1,000 inside
// transactions. No ledger, no duplicates found, no resume, one thread. Arguments: database URL, CSV file, most rows.
import 'reflect-metadata'
import { createReadStream } from 'node:fs'
import { validate } from 'class-validator'
import { parse } from 'csv-parse'
import { Product } from 'shardyard/entities'
import { openPlainUrl } from './plain-typeorm.mjs'

const [url, file, most] = [process.argv[2], process.argv[3], Number(process.argv[4])]
const CHUNK = 1_000
const dataSource = await openPlainUrl(url, [Product])
const repository = dataSource.getRepository(Product)

const startedAt = performance.now()
let [saved, refused, rows] = [0, 0, []]
const save = async () => {
  const chunk = rows
  rows = []
  await dataSource.transaction((manager) => manager.save(chunk))
  saved += chunk.length
}
for await (const record of createReadStream(file).pipe(parse({ columns: true, to: most }))) {
  const row = repository.create(record)
  const errors = await validate(row)
  if (errors.length > 0) refused += 1
  else rows.push(row)
  if (rows.length === CHUNK) await save()
}
await save()
const seconds = (performance.now() - startedAt) / 1000
await dataSource.destroy()
console.log(JSON.stringify({ seconds, saved, refused, perSecond: Math.round((saved + refused) / seconds) }))
