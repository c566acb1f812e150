import { existsSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readChunk } from 'shardyard/src/pipeline/formats/read-chunk'
import { scanSource } from 'shardyard/src/pipeline/formats/scan-source'

const DATA = resolve(__dirname, '../../../../shared/data')
const testWith = (folder: string) => (existsSync(join(DATA, folder)) ? test : test.skip)

async function count(file: string) {
  const handle = await open(file)
  try {
    const scan = await scanSource(handle)
    const counts: Record<string, number> = {}
    for (const chunk of scan.chunks) {
      const bytes = Buffer.alloc(chunk.length)
      await handle.read(bytes, 0, chunk.length, chunk.offset)
      for (const { kind, reasons } of readChunk(bytes, chunk, scan.shape)) {
        const name = reasons.length > 0 ? 'refused' : kind
        counts[name] = (counts[name] ?? 0) + 1
      }
    }
    return { counts, scan }
  } finally {
    await handle.close()
  }
}

testWith('electronics-sales-2019')('the sales of 2019 have 355 headers and 545 blank lines in between', async () => {
  const folder = join(DATA, 'electronics-sales-2019')
  const total: Record<string, number> = { files: 0 }
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.csv'))) {
    total['files'] = (total['files'] ?? 0) + 1
    for (const [name, n] of Object.entries((await count(join(folder, file))).counts))
      total[name] = (total[name] ?? 0) + n
  }
  // Each file begins with one header more.
  expect(total).toEqual({ files: 12, header: 355 + 12, blank: 545, data: 186_850 - 355 - 545 })
})

testWith('dummyjson').each([
  ['users.json', 208],
  ['products.json', 194],
  ['carts.json', 208],
])('the list %s has %i records', async (file, data) => {
  const { counts, scan } = await count(join(DATA, 'dummyjson', file))
  expect(scan.shape).toMatchObject({ format: 'json', path: '' })
  expect(counts).toEqual({ data })
})
