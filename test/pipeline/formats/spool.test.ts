import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readdirSync } from 'node:fs'
import { appendFile, mkdir, symlink, unlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { openSource, requireUnchanged, type OpenedSource } from 'shardyard/src/pipeline/formats/spool'
import { tempFolder } from '../../helpers/temp'

const UNREADABLE = (message: string) => ({ code: 'SY_SOURCE_UNREADABLE', message: expect.stringContaining(message) })

async function fileWith(content: string | Buffer, name = 'file.csv'): Promise<string> {
  const file = join(await tempFolder('spool'), name)
  await writeFile(file, content)
  return file
}

/** What a source holds; it is closed then. */
async function textOf(source: OpenedSource): Promise<string> {
  try {
    const { size } = await source.handle.stat()
    const bytes = Buffer.alloc(size)
    await source.handle.read(bytes, 0, size, 0)
    return bytes.toString()
  } finally {
    await source.close()
  }
}

describe('a source', () => {
  test('that is a file is read where it is, also through a link', async () => {
    const file = await fileWith('a,b\n')
    const link = `${file}.link`
    await symlink(file, link)
    for (const path of [file, link]) {
      const source = await openSource(path)
      expect(source).toMatchObject({ path, title: basename(path) })
      expect(await textOf(source)).toBe('a,b\n')
    }
  })

  test('may be empty', async () => {
    expect(await textOf(await openSource(await fileWith('')))).toBe('')
    expect(await textOf(await openSource(Readable.from([])))).toBe('')
  })

  test('that is gzip is inflated, whatever its name', async () => {
    const source = await openSource(await fileWith(gzipSync('a,b\n1,2\n'), 'file.csv'))
    expect(source).toMatchObject({ path: null, title: 'file.csv' })
    expect(await textOf(source)).toBe('a,b\n1,2\n')
  })

  test('that has the name of gzip but is none is read as it is', async () => {
    expect(await textOf(await openSource(await fileWith('a,b\n', 'file.csv.gz')))).toBe('a,b\n')
  })

  test('may be gzip of several members', async () => {
    const file = await fileWith(Buffer.concat([gzipSync('a,b\n'), gzipSync('1,2\n')]))
    expect(await textOf(await openSource(file))).toBe('a,b\n1,2\n')
  })

  test('may be a stream, of gzip too, in pieces of one byte', async () => {
    const bytes = gzipSync('a,b\n1,2\n')
    const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    expect(await textOf(await openSource(Readable.from(pieces)))).toBe('a,b\n1,2\n')
    const plain = await openSource(Readable.from(['a,', 'b\n'], { objectMode: false }), { title: 'input' })
    expect(plain).toMatchObject({ path: null, title: 'input' })
    expect(await textOf(plain)).toBe('a,b\n')
  })

  test('may be a pipe, whose writer is waited for', async () => {
    const pipe = join(await tempFolder('spool'), 'pipe')
    execFileSync('mkfifo', [pipe])
    const opening = openSource(pipe)
    const writer = createWriteStream(pipe)
    writer.write('a,b\n')
    await once(writer, 'open')
    writer.end('1,2\n')
    expect(await textOf(await opening)).toBe('a,b\n1,2\n')
  })

  test('that is a pipe without a writer can be given up', async () => {
    const pipe = join(await tempFolder('spool'), 'pipe')
    execFileSync('mkfifo', [pipe])
    const signal = AbortSignal.timeout(50)
    await expect(openSource(pipe, { signal })).rejects.toThrow(/abort/i)
  })

  test('that is a stream without an end can be given up', async () => {
    const stream = new PassThrough()
    stream.write('a,b\n')
    await expect(openSource(stream, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/abort/i)
    expect(stream.destroyed).toBe(true)
  })

  test('can be closed twice and at once', async () => {
    const source = await openSource(await fileWith('a\n'))
    await Promise.all([source.close(), source.close()])
    await source.close()
  })
})

describe('a spool file', () => {
  test('has no name and is readable by nobody else', async () => {
    const spoolFolder = await tempFolder('spool')
    const source = await openSource(Readable.from([Buffer.from('a,b\n')]), { spoolFolder })
    expect(readdirSync(spoolFolder)).toEqual([])
    const { mode, nlink } = await source.handle.stat()
    expect(mode & 0o777).toBe(0o600)
    expect(nlink).toBe(0)
    expect(await textOf(source)).toBe('a,b\n')
  })

  test('is not left behind by an error', async () => {
    const spoolFolder = await tempFolder('spool')
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('a,b\n')
        throw new Error('the line went dead')
      })(),
    )
    await expect(openSource(stream, { spoolFolder })).rejects.toMatchObject(UNREADABLE('the line went dead'))
    expect(readdirSync(spoolFolder)).toEqual([])
  })

  test('has no more bytes than its limit', async () => {
    const open = (text: string) => openSource(Readable.from([Buffer.from(text)]), { spoolBytes: 5 })
    expect(await textOf(await open('12345'))).toBe('12345')
    await expect(open('123456')).rejects.toMatchObject(UNREADABLE('more than 5 bytes'))
  })

  test('needs a folder that is there', async () => {
    const stream = Readable.from([Buffer.from('a')])
    const spoolFolder = join(await tempFolder('spool'), 'missing')
    await expect(openSource(stream, { spoolFolder })).rejects.toMatchObject(UNREADABLE('ENOENT'))
    expect(stream.destroyed).toBe(true)
  })
})

describe('a source is refused', () => {
  const packed = gzipSync('a,b\n1,2\n'.repeat(1_000))
  test.each<[string, Buffer, string]>([
    ['gzip inside gzip', gzipSync(packed), 'gzip inside gzip'],
    ['gzip that is cut off', packed.subarray(0, -5), 'unexpected end of file'],
    ['gzip that is only begun', packed.subarray(0, 3), 'unexpected end of file'],
    [
      'gzip that is damaged',
      Buffer.concat([packed.subarray(0, 12), Buffer.alloc(30), packed.subarray(42)]),
      'cannot be inflated',
    ],
    ['gzip with something after it', Buffer.concat([packed, Buffer.from('more')]), 'cannot be inflated'],
    ['gzip with zeros after it', Buffer.concat([packed, Buffer.alloc(9)]), 'something follows'],
    ['gzip that inflates to too much', gzipSync(Buffer.alloc(12 * 2 ** 20)), 'more than 100 times its size'],
  ])('that is %s', async (_, bytes, message) => {
    await expect(openSource(await fileWith(bytes))).rejects.toMatchObject(UNREADABLE(message))
    await expect(openSource(Readable.from([bytes]))).rejects.toMatchObject(UNREADABLE(message))
  })

  test('that inflates beyond the limit of its spool file', async () => {
    const file = await fileWith(gzipSync('123456'))
    await expect(openSource(file, { spoolBytes: 5 })).rejects.toMatchObject(UNREADABLE('more than 5 bytes'))
  })

  test('not when it inflates to 100 times its size below 10 MiB', async () => {
    const text = 'a,b\n'.repeat(2 * 2 ** 20)
    expect((await textOf(await openSource(await fileWith(gzipSync(text))))).length).toBe(text.length)
  })

  test.each([
    ['a device', '/dev/zero'],
    ['a device', '/dev/null'],
    ['a folder', __dirname],
  ])('that is %s: %s', async (kind, path) => {
    await expect(openSource(path)).rejects.toMatchObject(UNREADABLE(`is ${kind}`))
  })

  test('that is not there', async () => {
    await expect(openSource('/nowhere/file.csv')).rejects.toMatchObject(UNREADABLE('"file.csv" cannot be read: ENOENT'))
  })

  test('that is a stream of objects', async () => {
    await expect(openSource(Readable.from([{ a: 1 }]))).rejects.toMatchObject(UNREADABLE('something else than bytes'))
  })

  test('when it was changed while it was read', async () => {
    const file = await fileWith('a,b\n')
    const source = await openSource(file)
    await requireUnchanged(source.handle, source.stamp, source.title)
    await appendFile(file, '1,2\n')
    await expect(requireUnchanged(source.handle, source.stamp, source.title)).rejects.toMatchObject(
      UNREADABLE('was changed'),
    )
    await source.close()
  })

  test('not when another file took its name: the one that was opened is read', async () => {
    const file = await fileWith('a,b\n')
    const source = await openSource(file)
    await unlink(file)
    await mkdir(file)
    await requireUnchanged(source.handle, source.stamp, source.title)
    expect(await textOf(source)).toBe('a,b\n')
  })
})
