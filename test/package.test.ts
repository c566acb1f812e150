import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(__dirname, '..')
const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] }

interface Locked {
  readonly hasInstallScript?: boolean
  readonly integrity?: string
  readonly link?: boolean
  /** Of other platforms some are not in every registry. */
  readonly optional?: boolean
}

/** Each locked package by its folder; the first is the project itself. */
function lockedPackages(): [string, Locked][] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>
  }
  return Object.entries(packages).filter(([folder]) => folder !== '')
}

test('scripts run at an installation only where package.json says so, and only drivers of databases need theirs', () => {
  const { allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    allowScripts: Record<string, boolean>
  }
  const withScripts = lockedPackages()
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([folder]) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length))
  expect(withScripts.length).toBeGreaterThan(0)
  expect(withScripts.filter((name) => !Object.hasOwn(allowScripts, name))).toEqual([])
  expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['better-sqlite3', 'sqlite3'])
})

test('every package that is installed is one whose content is known', () => {
  expect(
    lockedPackages().filter(
      ([, { integrity, link, optional }]) => integrity === undefined && link !== true && optional !== true,
    ),
  ).toEqual([])
})

test('the documents that the README links to are packed with it', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const links = [...readme.matchAll(/\]\((docs\/[^)#]+)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([])
  expect(links.filter((link) => !files.includes(link.split('/')[0] ?? ''))).toEqual([])
})
