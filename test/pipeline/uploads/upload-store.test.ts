import { createHash } from 'node:crypto'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UploadStore, type UploadOptions } from 'shardyard/src/pipeline/uploads/upload-store'
import { tempFolder } from '../../helpers/temp'

async function openStore(options: UploadOptions = {}) {
  const folder = join(await tempFolder('store'), 'uploads')
  return { store: new UploadStore({ folder, ...options }), folder, files: () => readdir(folder).catch(() => []) }
}

async function* piecesOf(...pieces: readonly (string | Error)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece
    yield Buffer.from(piece)
  }
}

const DAY_MS = 86_400_000
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('an upload is kept under an id of its own, with its size and its hash', async () => {
  const { store, folder } = await openStore()
  const upload = await store.save(piecesOf('name\n', 'Tea\n'), { name: 'tea.csv', sha256: sha256('name\nTea\n') })
  expect(upload).toMatchObject({ name: 'tea.csv', sizeBytes: 9, sha256: sha256('name\nTea\n') })
  expect(await new UploadStore({ folder }).show(upload.id)).toEqual(upload)
  const handle = await store.open(upload.id)
  expect(await handle.readFile('utf8')).toBe('name\nTea\n')
  await handle.close()
})

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\data\\tea.csv', 'tea.csv'],
  ['a\u202egnp.exe\u0000\u001b[31m', 'a\ufffdgnp.exe\ufffd\ufffd[31m'],
  ['   ', 'upload'],
  ['é'.repeat(300), 'é'.repeat(200)],
])('a file named %j is told as %j, and its name leads nowhere', async (given, name) => {
  const { store, files } = await openStore()
  const { id, name: told } = await store.save(piecesOf('x'), { name: given })
  expect(told).toBe(name)
  expect(new Set(await files())).toEqual(new Set([`${id}.data`, `${id}.json`]))
})

test.each<[string, UploadOptions, Parameters<UploadStore['save']>[1], object]>([
  ['is larger than allowed', { bytesMax: 8 }, {}, { code: 'SY_UPLOAD_REFUSED', details: { why: 'size' } }],
  ['is announced to be', { bytesMax: 8 }, { sizeBytes: 9 }, { code: 'SY_UPLOAD_REFUSED', details: { why: 'size' } }],
  ['has another hash', {}, { sha256: sha256('other') }, { code: 'SY_UPLOAD_REFUSED', details: { why: 'digest' } }],
  ['finds no room', { freeBytesMin: 2 ** 52 }, {}, { code: 'SY_DISK_FULL' }],
  [
    'is announced to find none',
    {},
    { sizeBytes: 2 ** 52 },
    { code: expect.stringMatching(/UPLOAD_REFUSED|DISK_FULL/) },
  ],
])('a file that %s is refused without a trace', async (_, options, announced, error) => {
  const { store, files } = await openStore(options)
  await expect(store.save(piecesOf('name\n', 'Tea\n'), announced)).rejects.toMatchObject(error)
  expect(await files()).toEqual([])
})

test('a file whose sender goes away leaves no trace', async () => {
  const { store, files } = await openStore()
  await expect(store.save(piecesOf('name\n', new Error('gone')))).rejects.toThrow('gone')
  expect(await files()).toEqual([])
})

test.each(['', 'u0', '../u000000000000000000000000', `u${'0'.repeat(24)}`])('no upload is named %j', async (id) => {
  const { store } = await openStore()
  await expect(store.show(id)).rejects.toMatchObject({ code: 'SY_UPLOAD_UNKNOWN' })
  await expect(store.open(id)).rejects.toMatchObject({ code: 'SY_UPLOAD_UNKNOWN' })
})

test('prune removes what was not used for long, and what a dead process has left; not what arrives', async () => {
  const { store, folder, files } = await openStore({ keepMs: DAY_MS })
  const [old, used, fresh] = [
    await store.save(piecesOf('a')),
    await store.save(piecesOf('b')),
    await store.save(piecesOf('c')),
  ]
  const [left, arriving] = [`u${'1'.repeat(24)}.data`, `u${'2'.repeat(24)}.data`]
  for (const name of [left, arriving, 'notes.txt']) await writeFile(join(folder, name), 'x')
  const past = new Date(Date.now() - 2 * DAY_MS)
  for (const name of [`${old.id}.json`, `${old.id}.data`, `${used.id}.json`, left, 'notes.txt'])
    await utimes(join(folder, name), past, past)
  await (await store.open(used.id)).close()
  expect(await store.prune()).toBe(1)
  const kept = [used, fresh].flatMap(({ id }) => [`${id}.data`, `${id}.json`])
  expect(new Set(await files())).toEqual(new Set([...kept, arriving, 'notes.txt']))
  expect(await readFile(store.pathOf(used.id), 'utf8')).toBe('b')
})
