import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const isWindows = process.platform === 'win32'
// Daemons live in sbin folders, which an ordinary user's PATH leaves out.
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/**
 * Says how to get a program: a binary of this machine, else Docker, else a Debian package.
 *
 * @param need `title`; `names` of the binary, the best first; `folders` to look in beside PATH (a `*` may
 *   stand in one step); `isKnownByName` when the program looks at the name that it is called by; `packages` by package manager; `image` for Docker, if there is one
 * @returns `{ kind: 'binary', path }` or `{ kind: 'docker' }`
 */
export function locate(need, say) {
  const path = findBinary(need)
  if (path) return { kind: 'binary', path }
  if (need.image && dockerRuns()) return { kind: 'docker' }
  if (canInstall()) {
    say(`${need.title} is missing: installing the package ${need.packages.apt} with apt-get.`)
    aptInstall(need.packages.apt)
    const installed = findBinary(need)
    if (installed) return { kind: 'binary', path: installed }
  }
  throw new Error(missing(need))
}

function findBinary({ names, folders, isKnownByName = false }) {
  const searched = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS, ...folders.flatMap(expand)]
  for (const name of names) {
    for (const folder of searched.filter(Boolean)) {
      const path = join(folder, isWindows ? `${name}.exe` : name)
      // A server finds its own files beside the real path, not beside a link to it.
      if (isExecutable(path)) return isKnownByName ? path : realpathSync(path)
    }
  }
  return undefined
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Folders that match a pattern with one `*`, the highest version first. */
function expand(pattern) {
  const steps = pattern.split('/')
  const star = steps.findIndex((step) => step.includes('*'))
  if (star === -1) return [pattern]
  const parent = steps.slice(0, star).join('/')
  if (!existsSync(parent)) return []
  const [start, end] = steps[star].split('*')
  return readdirSync(parent)
    .filter((name) => name.startsWith(start) && name.endsWith(end))
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => [parent, name, ...steps.slice(star + 1)].join('/'))
}

function dockerRuns() {
  try {
    // `docker info` alone also succeeds without a daemon in some versions; asking for the server's version does not.
    const version = execFileSync('docker', ['info', '--format', '{{.ServerVersion}}'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    })
    return version.trim() !== ''
  } catch {
    return false
  }
}

function isRootOnDebian() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version')
}

function canInstall() {
  return isRootOnDebian() && existsSync('/usr/bin/apt-get')
}

let isUpdated = false

function aptInstall(name) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) => execFileSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  if (!isUpdated) apt('update')
  isUpdated = true
  apt('install', '-y', '--no-install-recommends', name)
}

function missing({ title, variable, image, packages }) {
  const line =
    process.platform === 'darwin'
      ? `brew install ${packages.brew}`
      : isWindows
        ? `winget install ${packages.winget}`
        : `sudo apt-get install -y ${packages.apt}`
  const ways = [variable && `set ${variable}`, image && 'start Docker', `run: ${line}`].filter(Boolean)
  return `The tests need ${title}, and it was not found. Either ${ways.join(', or ')}`
}
