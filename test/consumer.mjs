// Packs the library as npm would publish it, installs that into a fresh project, and uses it from there:
// imported from ESM, required from CJS, type-checked, and by its commands.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const TSC = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc')
const PEERS = ['typeorm', 'reflect-metadata', 'class-validator']
// The versions of the checkout: they are in npm's cache, and better-sqlite3 must fit the binary copied below.
const PACKAGES = [...PEERS, 'better-sqlite3', '@types/node'].map((name) => `${name}@${versionOf(name)}`)

const folder = mkdtempSync(join(tmpdir(), 'shardyard-consumer-'))
const project = join(folder, 'project')
let failures = 0

try {
  const tarball = pack()
  install(tarball)
  writeConsumers()
  check('ESM imports the library, its entities and its config', () => run(process.execPath, ['consumer.mjs']))
  check('CJS requires the same', () => run(process.execPath, ['consumer.cjs']))
  check('ESM type-checks, strict', () => run(process.execPath, [TSC, '-p', 'tsconfig.esm.json']))
  check('CJS type-checks, strict', () => run(process.execPath, [TSC, '-p', 'tsconfig.cjs.json']))
  check('shardyard --help answers', () => npx('shardyard', '--help'))
  check('simulate-insertions accepts 24 rows and rejects 6', () => {
    const output = npx('simulate-insertions', '--threads', '10')
    expectMatch(output, /\b24 accepted|accepted\W+24\b/i)
    expectMatch(output, /\b6 rejected|rejected\W+6\b/i)
  })
  check('generate-pdf-report leaves a PDF', () => {
    npx('generate-pdf-report')
    const pdf = readdirSync(project, { recursive: true }).find((path) => isOwn(path) && path.endsWith('.pdf'))
    if (!pdf) throw new Error('There is no PDF file in the project.')
    expectMatch(readFileSync(join(project, pdf), 'latin1').slice(0, 8), /^%PDF-/)
  })
} catch (error) {
  failures += 1
  console.error(error.message)
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
console.log(failures === 0 ? 'The packed library works.' : `${failures} failed.`)
process.exitCode = failures === 0 ? 0 : 1

function check(title, work) {
  try {
    work()
    console.log(`ok      ${title}`)
  } catch (error) {
    failures += 1
    console.log(`failed  ${title}\n${error.message.replaceAll(/^/gm, '        ')}`)
  }
}

/** Packing runs `prepare`, so what is packed is what the sources say now. */
function pack() {
  npm(ROOT, 'pack', '--silent', '--pack-destination', folder)
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  )
}

function install(tarball) {
  mkdirSync(project)
  write('package.json', JSON.stringify({ name: 'consumer', private: true }))
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  npm(project, 'install', ...options, tarball, ...PACKAGES)
  // Its install script compiles SQLite, which takes over a minute; the checkout has the binary already.
  const binary = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'
  cpSync(join(ROOT, binary), join(project, binary), { recursive: true })
}

function writeConsumers() {
  const use = `
    if (typeof Cluster.open !== 'function') throw new Error('Cluster.open is missing')
    const definition = defineCluster({
      databases: { users: 'sqlite::memory:', products: 'sqlite::memory:', orders: 'sqlite::memory:' },
      placement: [place(User, 'users'), place(Product, 'products'), place(Order, 'orders')],
    })
    if (!Object.isFrozen(definition)) throw new Error('The definition is not frozen')
    if (Object.keys(config).length === 0) throw new Error('shardyard/config exports nothing')`
  const library = '{ Cluster, defineCluster, place }'
  const entities = '{ Order, Product, User }'
  const importing = `
    import 'reflect-metadata'
    import ${library} from 'shardyard'
    import ${entities} from 'shardyard/entities'
    import * as config from 'shardyard/config'`
  write('consumer.mjs', importing + use)
  write('consumer.mts', importing + use)
  write('consumer.cts', importing + use)
  write(
    'consumer.cjs',
    `
    require('reflect-metadata')
    const ${library} = require('shardyard')
    const ${entities} = require('shardyard/entities')
    const config = require('shardyard/config')${use}`,
  )
  writeTsconfig('esm', 'consumer.mts')
  writeTsconfig('cjs', 'consumer.cts')
}

function writeTsconfig(name, file) {
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    // TypeORM's own declarations name packages of drivers that are not installed.
    skipLibCheck: true,
  }
  write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, files: [file] }))
}

function write(name, text) {
  writeFileSync(join(project, name), `${text}\n`)
}

function isOwn(path) {
  return !path.startsWith('node_modules')
}

function expectMatch(text, pattern) {
  if (!pattern.test(text)) throw new Error(`Expected ${pattern} in:\n${text}`)
}

/** Runs a program in the project and returns what it wrote; throws with all of it when it fails. */
function run(file, args, cwd = project) {
  const { error, status, signal, stdout, stderr } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    env: plainEnvironment(),
    // npm is a script on Windows, which only a shell can start.
    shell: file !== process.execPath && process.platform === 'win32',
    timeout: 180_000,
  })
  if (error) throw error
  if (status !== 0)
    throw new Error(`${[file, ...args].join(' ')} ended with ${status ?? signal}:\n${stdout}\n${stderr}`)
  return stdout
}

function npm(cwd, ...args) {
  return run('npm', args, cwd)
}

/** Offline: npx would ask the registry for a command it does not find in the project. */
function npx(...args) {
  return run('npx', ['--no-install', '--offline', ...args])
}

/** What `npm run` adds speaks of the checkout, and a developer's settings of his own databases. */
function plainEnvironment() {
  const foreign = /^(npm_package_|npm_lifecycle_|npm_config_local_prefix$|INIT_CWD$|SHARDYARD_)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version
}
