import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const ROOT = resolve(__dirname, '..')

/** What each folder may import, beside itself and packages. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/errors.ts': [],
  'src/util': ['src/errors.ts'],
  'src/columns': ['src/errors.ts', 'src/util'],
  'src/drivers': ['src/errors.ts', 'src/util', 'src/columns'],
  'src/cluster': ['src/errors.ts', 'src/util', 'src/columns', 'src/drivers'],
  'src/pipeline': ['src/errors.ts', 'src/util', 'src/columns', 'src/drivers', 'src/cluster'],
  'src/server': ['src/errors.ts', 'src/util', 'src/columns', 'src/drivers', 'src/cluster', 'src/pipeline'],
  'src/index.ts': ['src'],
  entities: ['src/columns', 'src/cluster/schema'],
  config: ['src', 'entities'],
  commands: ['src', 'config'],
}
/** What a file loads with itself: no types, nothing that waits for its first use. */
const LOADED = /^(?:import|export)\s+(?!type\b)(?:[^'\n]*\bfrom\s*|\{[^}]*\}\s*from\s*)?'([^']+)'/gm
const IMPORT = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*'([^']+)'/g

const filesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(ROOT, folder, file))
const importsOf = (file: string) => [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, to = '']) => to)
const pathOf = (file: string) => relative(ROOT, file).split(sep).join('/')
const fileOf = (from: string, to: string) => resolve(dirname(from), to.replace(/\.js$/, '.ts'))
const isIn = (path: string, part: string) => path === part || path.startsWith(`${part}/`)

test.each(Object.entries(ALLOWED))('%s imports nothing but itself, packages and %j', (layer, allowed) => {
  const files = filesOf(layer.split('/')[0] ?? '').filter((file) => isIn(pathOf(file), layer))
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((to) => to.startsWith('.') && to.endsWith('.js'))
      .map((to) => pathOf(fileOf(file, to)))
      .filter((path) => ![layer, ...allowed].some((part) => isIn(path, part)))
      .map((path) => `${pathOf(file)} imports ${path}`),
  )
  expect(wrong).toEqual([])
})

test('every folder and file of src has its place in the layers', () => {
  const parts = readdirSync(join(ROOT, 'src')).map((name) => `src/${name}`)
  expect(parts.filter((part) => !Object.hasOwn(ALLOWED, part))).toEqual([])
})

test('an entity loads no package but typeorm, reflect-metadata and class-validator', () => {
  const [seen, packages] = [new Set<string>(), new Set<string>()]
  const follow = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, to = ''] of readFileSync(file, 'utf8').matchAll(LOADED)) {
      if (to.startsWith('.')) follow(fileOf(file, to))
      else if (!to.startsWith('node:')) packages.add(to.split('/')[0] ?? '')
    }
  }
  follow(join(ROOT, 'entities/index.ts'))
  expect([...packages].toSorted()).toEqual(['class-validator', 'reflect-metadata', 'typeorm'])
})
