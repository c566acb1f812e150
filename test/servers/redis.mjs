import { Redis } from 'ioredis'

// Nothing is kept on disk: the data of a test run is thrown away with its server. BullMQ asks for `noeviction`.
const SETTINGS = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction']

export const redis = {
  title: 'Redis',
  variable: 'SHARDYARD_TEST_REDIS_URL',
  names: ['redis-server', 'valkey-server'],
  // On Debian the server and its tools are links to one program.
  isKnownByName: true,
  folders: ['/opt/homebrew/opt/redis/bin', '/usr/local/opt/redis/bin', 'C:/Program Files/Redis'],
  packages: { apt: 'redis-server', brew: 'redis', winget: 'Redis.Redis' },
  image: 'redis:7',

  startBinary(path, sandbox) {
    const folder = sandbox.folder('redis')
    return sandbox.startServer({
      file: path,
      args: (port) => ['--port', port, '--bind', '127.0.0.1', '--dir', folder, ...SETTINGS],
      signal: 'SIGTERM',
      url: urlOf,
      probe,
    })
  },

  startContainer(sandbox) {
    return sandbox.startContainer({ image: this.image, port: 6379, options: [], args: SETTINGS, url: urlOf, probe })
  },

  probe,
}

function urlOf(port) {
  return `redis://127.0.0.1:${port}`
}

async function probe(url) {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 5_000, retryStrategy: () => null })
  // A server that is still starting drops connections; the next try will tell.
  client.on('error', () => {})
  try {
    await client.connect()
    return /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'of an unknown version'
  } finally {
    client.disconnect()
  }
}
