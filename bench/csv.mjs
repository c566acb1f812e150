// How fast are a CSV and an NDJSON file cut into chunks, and how fast are the chunks turned into records? One thread.
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readChunk } from '../dist/src/pipeline/formats/read-chunk.js'
import { scanSource } from '../dist/src/pipeline/formats/scan-source.js'
import { inFolder, median } from './measure.mjs'

const COUNT = Number(process.env.BENCH_COUNT ?? 1_000_000)
const ROUNDS = 3

const HEADER = 'id,first,last,email,city,amount,quantity,date,active,note\n'
const plain = (i) =>
  `${i},Ann${i % 1000},Lee${i % 777},a${i}@example.com,Izmir,${i % 900}.50,${i % 9},2024-01-05,${i % 2},n${i % 99}\n`
const quoted = (i) =>
  `${i},"Ann${i % 1000}",Lee${i % 777},a${i}@ex.com,"Iz, mir",${i % 900}.50,${i % 9},2024-01-05,${i % 2},"n${i % 99}"\n`
const letters = (i) =>
  `${i},Şan${i % 1000},Lee${i % 777},a${i}@ex.com,İzmir,${i % 900}.50,${i % 9},2024-01-05,${i % 2},n${i % 99}\n`
const object = (i) =>
  `${JSON.stringify({ id: i, name: `Ann ${i}`, email: `a${i}@example.com`, price: (i % 9999) / 100, tags: ['a', 'b'], address: { street: 'Long Street', zip: '35000' }, active: i % 2 === 0 })}\n`

const FILES = [
  ['csv, plain', HEADER, plain, COUNT],
  ['csv, three quoted fields', HEADER, quoted, COUNT],
  ['csv, two fields beyond ASCII', HEADER, letters, COUNT],
  ['ndjson', '', object, Math.ceil(COUNT / 3)],
]

/** Seconds of processor time: other work on the machine does not count. */
async function timed(work) {
  const start = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(start)
  return { result, seconds: (user + system) / 1e6 }
}

async function readAll(handle, { chunks, shape }) {
  let records = 0
  for (const chunk of chunks) {
    const bytes = Buffer.allocUnsafe(chunk.length)
    await handle.read(bytes, 0, chunk.length, chunk.offset)
    records += readChunk(bytes, chunk, shape).length
  }
  return records
}

await inFolder(async (folder) => {
  for (const [name, header, row, count] of FILES) {
    const file = join(folder, 'file')
    await writeFile(
      file,
      (function* () {
        yield header
        for (let i = 1; i <= count; i++) yield row(i)
      })(),
    )
    const handle = await open(file)
    const [scans, reads] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      const scan = await timed(() => scanSource(handle))
      const read = await timed(() => readAll(handle, scan.result))
      if (read.result !== scan.result.records) throw new Error('The readers found other records than the scan.')
      scans.push(scan.seconds)
      reads.push(read.seconds)
    }
    const { size } = await handle.stat()
    await handle.close()
    const speed = `${Math.round(count / median(reads) / 1000)} k records/s`
    const times = `scan ${median(scans).toFixed(2)} s  read ${median(reads).toFixed(2)} s`
    console.log(`${name.padEnd(30)} ${Math.round(size / 1e6)} MB  ${times}  ${speed}`)
  }
})
