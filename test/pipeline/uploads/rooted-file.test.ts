import { execFileSync } from 'node:child_process'
import { link, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openRooted } from 'shardyard/src/pipeline/uploads/rooted-file'
import { tempFolder } from '../../helpers/temp'

/** A root with a file in it, beside a folder that nobody is to read. */
async function makeRoot() {
  const folder = await tempFolder('roots')
  const [root, secret] = [join(folder, 'inbox'), join(folder, 'inbox-secret')]
  await mkdir(join(root, 'may'), { recursive: true })
  await mkdir(secret)
  await writeFile(join(root, 'may/a.csv'), 'inside')
  await writeFile(join(secret, 'key'), 'outside')
  const read = async (path: string, name = 'inbox') => {
    const { handle } = await openRooted({ inbox: root }, { root: name, path })
    const text = await handle.readFile('utf8')
    await handle.close()
    return text
  }
  return { folder, root, secret, read }
}

test('a file in a root is read, also through a link that stays inside', async () => {
  const { root, read } = await makeRoot()
  await symlink('may', join(root, 'latest'))
  expect(await Promise.all(['may/a.csv', 'latest/a.csv'].map((path) => read(path)))).toEqual(['inside', 'inside'])
})

test.each([
  '../inbox-secret/key',
  'may/../../inbox-secret/key',
  '/etc/passwd',
  'may/./a.csv',
  'may//a.csv',
  '..\\inbox-secret\\key',
  'C:/inbox/a.csv',
  'c:a.csv',
  'may/a.csv\u0000.txt',
  '//server/share/a.csv',
  'file:///etc/passwd',
  'http://169.254.169.254/latest',
  '',
  '.',
  'a'.repeat(2_000),
])('the path %j is refused', async (path) => {
  const { read } = await makeRoot()
  await expect(read(path)).rejects.toMatchObject({ code: 'SY_OPTION_INVALID', details: { option: 'path' } })
})

test('an encoded path is a name like any other', async () => {
  const { root, read } = await makeRoot()
  await expect(read('%2e%2e/inbox-secret/key')).rejects.toMatchObject({ code: 'SY_SOURCE_UNREADABLE' })
  await mkdir(join(root, '%2e%2e'))
  await writeFile(join(root, '%2e%2e/a.csv'), 'odd')
  expect(await read('%2e%2e/a.csv')).toBe('odd')
})

test('a link that leads out is refused: of a file, of a folder, and of the root itself none', async () => {
  const { folder, root, secret, read } = await makeRoot()
  await symlink(join(secret, 'key'), join(root, 'key'))
  await symlink(secret, join(root, 'out'))
  for (const path of ['key', 'out/key']) await expect(read(path)).rejects.toMatchObject({ code: 'SY_OPTION_INVALID' })
  await symlink(root, join(folder, 'linked'))
  const { handle } = await openRooted({ linked: join(folder, 'linked') }, { root: 'linked', path: 'may/a.csv' })
  await handle.close()
})

test.each([
  ['a folder', 'may'],
  ['a pipe', 'pipe'],
  ['nothing', 'nothing.csv'],
])('%s is no file to read, and is not waited for', async (_, path) => {
  const { root, read } = await makeRoot()
  execFileSync('mkfifo', [join(root, 'pipe')])
  const error = await read(path).catch((one: unknown) => one as Error)
  expect(error).toMatchObject({ code: 'SY_SOURCE_UNREADABLE' })
  expect(String(error)).not.toContain(root)
})

test.each(['outbox', '__proto__', 'constructor', ''])('there is no root %j', async (name) => {
  const { read } = await makeRoot()
  await expect(read('may/a.csv', name)).rejects.toMatchObject({
    code: 'SY_OPTION_INVALID',
    details: { known: ['inbox'] },
  })
})

test('while a folder is swapped for a link that leads out, nothing from outside is ever read', async () => {
  const { folder, root, secret, read } = await makeRoot()
  await writeFile(join(secret, 'a.csv'), 'outside')
  await link(join(root, 'may/a.csv'), join(folder, 'kept'))
  const over = new AbortController()
  const swapping = (async () => {
    while (!over.signal.aborted) {
      await rename(join(root, 'may'), join(folder, 'aside'))
      await symlink(secret, join(root, 'may'))
      await new Promise(setImmediate)
      await rename(join(root, 'may'), join(folder, 'link'))
      await rename(join(folder, 'aside'), join(root, 'may'))
      await rename(join(folder, 'link'), join(folder, 'old'))
      // Now and then the folder stays for long enough to be read.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
    }
  })()
  const seen = new Set<string>()
  for (let tries = 0; tries < 300 || !seen.has('inside'); tries++)
    seen.add(await read('may/a.csv').catch(({ code }: { code: string }) => code))
  over.abort()
  await swapping
  expect(seen).not.toContain('outside')
  // It has met the folder in place, and the link.
  expect(seen.size).toBeGreaterThan(1)
})
