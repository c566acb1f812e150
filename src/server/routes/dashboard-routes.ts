/** The dashboard at `/`: files that `npm run build` made, a few hundred kilobytes that are kept in memory. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from '../problem.js'
import { PAGE_POLICY } from '../security-headers.js'

interface WebFile {
  readonly body: Buffer
  readonly packed: Buffer
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
}

const FOLDER = join(__dirname, '../../../web')
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** A report is shown in a sandbox without an origin: its own styles and pictures, no script but the one that puts it there. */
const FRAME_POLICY = [
  'sandbox allow-scripts',
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "frame-ancestors 'self'",
].join('; ')

/** Serves the dashboard; an installation without its files says how to make them. */
export async function dashboardRoutes(app: FastifyInstance): Promise<void> {
  const files = await webFiles()
  for (const path of files.size === 0 ? ['/index.html'] : files.keys()) {
    const schema = { hide: true }
    const handler = (request: FastifyRequest, reply: FastifyReply) => send(request, reply, files.get(path))
    app.get(path, { config: { scope: 'none' }, schema, handler })
    if (path === '/index.html') app.get('/', { config: { scope: 'none' }, schema, handler })
  }
}

async function webFiles(): Promise<ReadonlyMap<string, WebFile>> {
  if (!existsSync(FOLDER)) return new Map()
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      paths.map(async (path): Promise<[string, WebFile]> => {
        const name = path.slice(FOLDER.length).split(sep).join('/')
        return [name, await webFile(name, await readFile(path))]
      }),
    ),
  )
}

async function webFile(name: string, body: Buffer): Promise<WebFile> {
  // What stands in `assets` has a hash of its content in its name.
  const cache = name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  return {
    body,
    packed: await promisify(gzip)(body, { level: 9 }),
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
    headers: {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'cache-control': name === '/index.html' ? 'no-store' : cache,
      'content-security-policy': name === '/report-frame.html' ? FRAME_POLICY : PAGE_POLICY,
      vary: 'accept-encoding',
      // The report's sandbox has no origin, and loads its script all the same.
      ...(name === '/report-frame.js' ? { 'cross-origin-resource-policy': 'cross-origin' } : {}),
    },
  }
}

function send({ headers }: FastifyRequest, reply: FastifyReply, file: WebFile | undefined): FastifyReply {
  if (file === undefined)
    throw new HttpProblem('NOT_FOUND', 'The dashboard was not built. Run "npm run build" in the checkout.')
  reply.headers(file.headers).header('etag', file.etag)
  if (headers['if-none-match'] === file.etag) return reply.status(304).send()
  if (!/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return reply.send(file.body)
  return reply.header('content-encoding', 'gzip').send(file.packed)
}
